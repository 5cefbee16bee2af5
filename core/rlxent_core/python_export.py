"""A run as a script of under 60 lines: plain PyTorch, no rlxent, reading like the formula.

The script draws the same numbers from the same streams (:mod:`rlxent_core.streams`), picks the
same actions by them (:mod:`rlxent_core.sampler`) and starts from the same weights, so that its
returns are those of the run; it sums in another order, so after many updates the last digits may
part.  What would take too many lines is not said wrongly: :class:`ExportError` tells.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from rlxent_core.mdp import MDP, Floats, compile_world
from rlxent_core.settings import Settings, descriptions
from rlxent_core.world import World

CHECK_EVERY, PAIRS_UP_TO, MOST_PAIRS = 16, 128, 2**13
"""As in :mod:`rlxent_core.sampler`, which imports torch; a test compares them."""
_SAID = {
    "architecture", "hidden", "credit", "discount_weighting", "baseline", "entropy_bonus",
    "learning_rate", "batch_episodes", "optimizer", "gradient_clip", "gae_lambda",
    "critic_learning_rate",
}  # fmt: skip
"""Settings that the script expresses, or that mean nothing without others it refuses."""


class ExportError(ValueError):
    """One sentence about what a short script cannot express."""


def python_script(world: World, settings: Settings, seed: int, updates: int) -> str:
    """The text of a script that trains ``updates`` updates and prints the mean return of each.

    Raises:
        ExportError: when the world or the settings need more than the script can say.
    """
    mdp = compile_world(world)
    _require_sayable(world, mdp, settings)
    parts = [
        _head(world, settings, seed, updates),
        _tables(mdp),
        _STREAM,
        _policy(settings),
        _walk(mdp, settings),
        _training(settings),
    ]
    return "\n".join(parts) + "\n"


def _require_sayable(world: World, mdp: MDP, settings: Settings) -> None:
    unsaid = "A script of under 60 lines cannot express"
    known = descriptions()
    if settings.architecture not in ("table", "mlp"):
        label = (known["architecture"].choices or {}).get(settings.architecture, "")
        raise ExportError(f"{unsaid} the architecture “{label}”: choose Table or MLP.")
    for field in fields(Settings):
        value = getattr(settings, field.name)
        if field.name not in _SAID and value != field.default:
            about = known[field.name]
            shown = about.choices[value] if about.choices else f"{value:g}"
            raise ExportError(f"{unsaid} the setting “{about.label}: {shown}”.")
    if settings.credit == "gae":
        raise ExportError(f"{unsaid} GAE: choose the total return or the return to go.")
    if settings.baseline not in ("none", "leave_one_out", "moving_average"):
        label = (known["baseline"].choices or {})[settings.baseline]
        raise ExportError(f"{unsaid} the baseline “{label}”: choose None, Mean or leave-one-out.")
    if mdp.max_steps is None:
        raise ExportError("Training needs a limit of steps: set max_steps of this world.")
    if (mdp.reward_noise > 0).any():
        raise ExportError(f"{unsaid} noise on rewards.")
    if _drawn_restarts(mdp):
        raise ExportError(f"{unsaid} cells that send back to one of several starts.")


def _drawn_restarts(mdp: MDP) -> bool:
    return bool((mdp.next_state == mdp.restart).any() and (mdp.start > 0).sum() > 1)


def _steps_at_once(mdp: MDP, settings: Settings) -> int:
    """Two, where the core looks up two steps by one number."""
    bits = max(1, (mdp.n_actions * mdp.next_state.shape[2] - 1).bit_length())
    few = settings.batch_episodes <= PAIRS_UP_TO and bits <= 2
    return 2 if few and (mdp.n_states + 1) << 2 * bits <= MOST_PAIRS else 1


def _block(mdp: MDP, settings: Settings) -> int:
    """How many numbers an episode gets at a time."""
    assert mdp.max_steps is not None
    steps = -(-mdp.max_steps // _steps_at_once(mdp, settings))
    stretch = -(-steps // -(-steps // CHECK_EVERY))
    room = -(-1024 // (settings.batch_episodes * stretch))
    return stretch * min(3, room, -(-steps // stretch))


def _head(world: World, settings: Settings, seed: int, updates: int) -> str:
    name = _one_line(world.name or "A world")
    return (
        f'"""{name}: REINFORCE, which is cross-entropy reweighted by reward."""\n'
        "import numpy as np, torch, torch.nn.functional as F\n"
        f"gamma, seed, updates, episodes = {world.discount!r}, {seed}, {updates},"
        f" {settings.batch_episodes}"
    )


def _one_line(text: str) -> str:
    """Text that can stand in a docstring."""
    return " ".join(text.split()).replace("\\", "/").replace('"', "”")


def _tables(mdp: MDP) -> str:
    """What the world answers, by cell and place (action · outcomes + outcome).

    The row after the last cell's is the end of the episode, which leads to itself and pays nothing.
    """
    n_outcomes = mdp.next_state.shape[2]
    cells = np.flatnonzero(mdp.standable)
    restart = int(np.argmax(mdp.start))
    after = np.where(mdp.next_state == mdp.restart, restart, mdp.next_state)[cells]
    reward = mdp.reward.reshape(mdp.n_states, -1)[cells]
    usual = _most_common(reward.reshape(-1, 1))[0]
    lines = [
        f"S, A, K = {mdp.n_states}, {mdp.n_actions}, {n_outcomes}"
        f"  # cells, actions ({', '.join(mdp.moves)}), outcomes of one; cell S: it is over",
        "after, reward = np.full((S + 1, A * K), S), np.zeros((S + 1, A * K))",
        f"cells = {_text(cells)}",
        f"after[cells], reward[cells] = {_text(after.reshape(len(cells), -1))}, {_text(usual)}",
    ]
    places = np.argwhere(reward != usual)
    if len(places):
        pays = [(int(cells[row]), int(place), float(reward[row, place])) for row, place in places]
        lines.append(f"for s, j, pay in {_text(pays)}: reward[s, j] = pay")
    if n_outcomes > 1:
        chance = mdp.probability.reshape(mdp.n_states, -1)[cells]
        common = _most_common(chance)
        lines.append(f"chance = np.tile({_text(common.reshape(-1, n_outcomes))}, (S, 1, 1))")
        others = [row for row in np.unique(chance, axis=0) if (row != common).any()]
        if others:
            rows = [
                (cells[(chance == row).all(1)].tolist(), row.reshape(-1, n_outcomes).tolist())
                for row in others
            ]
            lines.append(f"for s, row in {_text(rows)}: chance[s] = row")
    return "\n".join(lines)


def _most_common(rows: Floats) -> Floats:
    found, counts = np.unique(rows, axis=0, return_counts=True)
    return np.asarray(found[counts.argmax()])


def _text(values: object) -> str:
    """Numbers as they are typed, without spaces: tables are long."""
    if isinstance(values, np.ndarray | np.generic):
        values = values.tolist()
    return repr(values).replace(" ", "")


_STREAM = """
def mix(x):  # SplitMix64
    x = (x + 0x9E3779B97F4A7C15) % 2**64
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    x = (x ^ x >> 27) * 0x94D049BB133111EB % 2**64
    return x ^ x >> 31
def stream(purpose, update):
    base, bits = mix(mix(seed % 2**64) ^ purpose), np.random.SFC64()
    state = np.array([mix(base ^ update), base, update, 1], dtype=np.uint64)
    bits.state = dict(bit_generator="SFC64", state=dict(state=state), has_uint32=0, uinteger=0)
    bits.random_raw(12)
    return bits
def numbers(bits, steps):  # whole ones below 2**31: [steps, episodes]
    raw = bits.random_raw((steps * episodes + 1) // 2)
    return np.append(raw % 2**31, raw >> 33)[: steps * episodes].reshape(steps, -1).astype(int)
"""


def _policy(settings: Settings) -> str:
    """The parameters, as the run begins with them."""
    if settings.architecture == "table":
        return "theta = [torch.zeros(S, A)]"
    return (
        f"random, H = np.random.Generator(stream(1, 0)), {settings.hidden}\n"
        "shapes = [(S, (S, H)), (S, (1, H)), (H, (H, A)), (H, (1, A))]\n"
        "theta = [torch.tensor(random.uniform(-1 / n**0.5, 1 / n**0.5, shape)).float()"
        " for n, shape in shapes]"
    )


def _walk(mdp: MDP, settings: Settings) -> str:
    """One number picks an action and its outcome, or two of each."""
    starts = np.flatnonzero(mdp.start > 0)
    if len(starts) == 1:
        start = f"np.full(episodes, {starts[0]})"
    else:
        edges = np.rint(mdp.start.cumsum() * 2**31).astype(np.int64)
        start = f'np.searchsorted({_text(edges)}, numbers(bits, 1)[0], side="right")'
    assert mdp.max_steps is not None
    at_once, block = _steps_at_once(mdp, settings), _block(mdp, settings)
    blocks = -(-mdp.max_steps // (at_once * block))
    joint = "pi" if mdp.next_state.shape[2] == 1 else "(pi[:, :, None] * chance).reshape(S, -1)"
    lines = [
        "",
        "def sample(pi, update):  # cells, actions and rewards: [steps, episodes]",
        "    bits, steps = stream(3, update), []",
        f"    edges = np.vstack([{joint}, np.eye(1, A * K)])",
    ]
    if at_once == 2:
        lines.append("    edges = (edges[:, :, None] * edges[after]).reshape(S + 1, -1)")
    lines += [
        "    edges = np.rint(edges[:, :-1].cumsum(1) * 2**31)",
        f"    s = {start}",
        f"    for number in np.vstack([numbers(bits, {block}) for _ in range({blocks})]):",
    ]
    if at_once == 2:
        lines += [
            "        for j in divmod((edges[s] <= number[:, None]).sum(1), A * K):",
            "            steps.append((s, j))",
            "            s = after[s, j]",
        ]
    else:
        lines += [
            "        j = (edges[s] <= number[:, None]).sum(1)",
            "        steps.append((s, j))",
            "        s = after[s, j]",
        ]
    lines += [
        f"    s, j = np.array(steps[:{mdp.max_steps}]).swapaxes(0, 1)",
        "    return torch.tensor(s), torch.tensor(j // K), torch.tensor(reward[s, j])",
    ]
    return "\n".join(lines)


def _training(settings: Settings) -> str:
    kind = "SGD" if settings.optimizer == "sgd" else "Adam"
    table = settings.architecture == "table"
    logits = "theta[0]" if table else "(torch.tanh(theta[0] + theta[1]) @ theta[2] + theta[3])"
    lines = [
        "",
        f"optimizer = torch.optim.{kind}([x.requires_grad_() for x in theta],"
        f" lr={settings.learning_rate!r})",
        *(["average = 0.0"] if settings.baseline == "moving_average" else []),
        "for update in range(updates):",
        f"    logits = {logits}.double()",
        "    s, a, r = sample(logits.detach().softmax(-1).numpy(), update)",
        "    G, alive = r.clone(), s < S",
        "    for t in reversed(range(len(r) - 1)): G[t] += gamma * G[t + 1]",
        *_weight(settings),
        "    logits, actions, weight = logits[s[alive]], a[alive], weight.expand_as(G)[alive]",
        '    loss = (weight * F.cross_entropy(logits, actions, reduction="none")).sum() / episodes',
    ]
    if settings.entropy_bonus:
        lines.append(
            f"    loss = loss - {settings.entropy_bonus!r} *"
            " torch.distributions.Categorical(logits=logits).entropy().sum() / episodes"
        )
    clip = f"torch.nn.utils.clip_grad_norm_(theta, {settings.gradient_clip!r})"
    middle = f"loss.backward(), {clip}" if settings.gradient_clip else "loss.backward()"
    lines += [
        f"    optimizer.zero_grad(), {middle}, optimizer.step()",
        "    print(update + 1, G[0].mean().item())",
    ]
    return "\n".join(lines)


def _weight(settings: Settings) -> list[str]:
    """w_t: what the cross-entropy of a step is multiplied by."""
    total = settings.credit == "total_return"
    gain, learn = "G[:1]" if total else "G", []
    if settings.baseline == "leave_one_out":
        others = (
            f"{max(1, settings.batch_episodes - 1)}"
            if total else
            "(alive.sum(1, keepdim=True) - 1).clamp(min=1)"
        )
        weight = f"{gain} - ({gain}.sum(1, keepdim=True) - {gain}) / {others}"
    elif settings.baseline == "moving_average":
        weight = f"{gain} - average / (1 - 0.9**update if update else 1)"
        mean = "G[0].mean()" if total else "G.sum() / alive.sum()"
        learn = [f"    average += 0.1 * ({mean} - average)"]
    else:
        weight = gain
    lines = [f"    weight = {weight}", *learn]
    if settings.discount_weighting == "exact" and not total:
        lines.append("    weight = weight * gamma ** torch.arange(len(G)).double()[:, None]")
    return lines
