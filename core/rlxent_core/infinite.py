"""Infinite-horizon values, and where they diverge.

With discount 1 a sum of rewards need not converge.  A state is *silent* if nothing is paid from
there on, and it *settles* if from there the episode can always still end or fall silent.  The
value of a policy exists where no other state can be reached.  The optimum is found from below:
value iteration records each action that strictly improves a state, and the recorded policy is
evaluated exactly every so often.  A recorded policy that does not settle goes round in a loop
where every turn gains something, so the optimum there is infinite (on stochastic shortest paths:
Bertsekas & Tsitsiklis, Mathematics of Operations Research 16, 1991).
"""

from __future__ import annotations

import numpy as np

from rlxent_core.bellman import Chain, action_values, expected_reward
from rlxent_core.graph import graph_of, places
from rlxent_core.mdp import MDP, Bools, Floats, Ints

SWEEPS = 256
"""Sweeps of value iteration between two exact evaluations."""
STRICT = 1e-10
"""A smaller improvement, relative to the largest value, may be rounding and prove no loop."""
BLOCK = 32
"""Places taken out of the equations together."""
REST = -1
"""Among actions: stay silent for ever, which is worth 0."""


def infinite_values(mdp: MDP, policy: Floats) -> Floats:
    """V of the policy [..., S, A]: [..., S]; ``nan`` where the sum of rewards diverges."""
    if policy.ndim > 2:
        return np.stack([infinite_values(mdp, one) for one in policy])
    values, settled = _evaluate(mdp, policy)
    return np.where(_surely(mdp, policy, settled), values, np.nan)


def infinite_occupancy(mdp: MDP, policy: Floats, discount: float) -> Floats:
    """Σ_t discount^t P(S_t = s) of the policy [..., S, A]: [..., S].

    With discount 1, ``inf`` in all states that are visited and from which no end can be reached.
    """
    if policy.ndim > 2:
        return np.stack([infinite_occupancy(mdp, one, discount) for one in policy])
    graph = graph_of(mdp, policy[..., None] * mdp.probability > 0)
    visited = graph.reached(places(mdp, mdp.start > 0))[: mdp.n_states]
    passing = visited
    if discount == 1:
        over = places(mdp, np.zeros_like(visited), over=True)
        passing = visited & graph.reversed.reached(over)[: mdp.n_states]
    # What is in a cell is what starts there and what flows in.
    going, leaving = _flow(mdp, policy, passing, discount)
    equations = np.diag(going.sum(axis=1) + leaving) - going.T
    try:
        flow = np.linalg.solve(equations, np.append(mdp.start[passing], 0.0))
    except np.linalg.LinAlgError:  # chances so small that float64 loses them
        flow = np.full(len(equations), np.nan)
    occupancy = np.where(visited, np.inf, 0.0)
    occupancy[passing] = flow[:-1]
    return occupancy


def infinite_optimal_values(mdp: MDP) -> Floats:
    """V*: [S]; ``inf`` where it grows without bound, ``nan`` where every policy diverges."""
    no_rest = np.zeros(mdp.n_states, dtype=bool)
    if mdp.discount < 1:
        lowest = min(0.0, float(expected_reward(mdp).min())) / (1 - mdp.discount)
        values = np.where(mdp.standable, lowest, 0.0)
        action = np.zeros(mdp.n_states, dtype=np.int64)
        return _improve(mdp, values, action, _inside(mdp, mdp.standable), no_rest)[0]

    grows = _growing(mdp)
    domain = mdp.standable & ~grows
    rest = _restful(mdp, domain)
    domain, action = _shortest_ways(mdp, domain, rest)
    values, _ = _evaluate(mdp, _deterministic(mdp, action))
    values, _ = _improve(mdp, values, action, _inside(mdp, domain), rest)
    values[mdp.standable & ~domain] = np.nan
    values[grows] = np.inf
    return values


def finite_action_values(mdp: MDP, values: Floats) -> Floats:
    """Q [..., S, A] of values [..., S] that may diverge; ``nan`` where a possible outcome does."""
    finite = np.isfinite(values)
    action = action_values(mdp, np.where(finite, values, 0.0))
    lost = mdp.continue_values((~finite).astype(float))[..., mdp.next_state]
    return np.where((lost * mdp.probability > 0).any(axis=-1), np.nan, action)


def _evaluate(mdp: MDP, policy: Floats) -> tuple[Floats, Bools]:
    """Values and where the policy settles, both [S]; a row of zeros rests: its value is 0.

    States from which an unsettled one can be reached are among the settled ones: the caller
    knows whether there are any.  Their values, and those of unsettled states, mean nothing.
    """
    reward = Chain(mdp, policy).reward
    rests = ~policy.any(axis=-1)
    settled, active = mdp.standable | rests, mdp.standable & ~rests
    if mdp.discount == 1:
        joint = policy[..., None] * mdp.probability
        backwards = graph_of(mdp, joint > 0).reversed
        pays = _pays(mdp, joint, (-2, -1))
        silent = ~backwards.reached(places(mdp, pays))[: mdp.n_states]
        settled = backwards.reached(places(mdp, silent | rests, over=True))[: mdp.n_states]
        active = active & settled & ~silent
    values = np.zeros(mdp.n_states)
    going, leaving = _flow(mdp, policy, active, mdp.discount)
    values[active] = _solve(going, leaving, np.append(reward[active], 0.0))[:-1]
    return values, settled


def _surely(mdp: MDP, policy: Floats, settled: Bools) -> Bools:
    """States [S] from which the policy reaches no unsettled one."""
    if settled[mdp.standable].all():
        return np.ones_like(settled)
    backwards = graph_of(mdp, policy[..., None] * mdp.probability > 0).reversed
    return ~backwards.reached(places(mdp, mdp.standable & ~settled))[: mdp.n_states]


def _flow(mdp: MDP, policy: Floats, active: Bools, discount: float) -> tuple[Floats, Floats]:
    """Discounted chances to go on among the n active states and, last, restart, or to leave them.

    [n + 1, n + 1] with an empty diagonal, and [n + 1].  A chance to stay is neither, so that a
    small one to move is not lost beside it.  Everything outside is worth 0.
    """
    n = int(active.sum())
    number = np.full(mdp.n_states + 2, -1)
    number[:-2][active] = np.arange(n)
    number[mdp.restart] = n
    joint = (policy[..., None] * mdp.probability)[active]
    to = number[mdp.next_state[active]]
    row = np.broadcast_to(np.arange(n)[:, None, None], to.shape)
    moves = (to >= 0) & (to != row)
    flow = np.bincount((row * (n + 1) + to)[moves], joint[moves], minlength=(n + 1) ** 2)
    going = np.asarray(flow.reshape(n + 1, n + 1), dtype=float)
    going *= discount  # in place: at 64 × 64 this is 134 MB
    leaving = 1 - discount + discount * np.where(to < 0, joint, 0.0).sum((1, 2))
    going[n, :n] = mdp.start[active]
    return going, np.append(leaving, mdp.start[~active].sum())


def _solve(going: Floats, leaving: Floats, paid: Floats) -> Floats:
    """x with x_i (Σ_j going_ij + leaving_i) = paid_i + Σ_j going_ij x_j: [n], overwriting all.

    Places are taken out one by one, from the last, and who went there goes on where it leads.
    Chances are only added, multiplied and divided, never subtracted, so even the smallest keep
    their digits (Grassmann, Taksar & Heyman, Operations Research 33, 1985).  ``nan`` where they
    are too small for float64 even so.
    """
    n = len(paid)
    firsts = range(0, n, BLOCK)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        for first in reversed(firsts):
            last = min(first + BLOCK, n)
            block, before = slice(first, last), slice(first)
            for k in range(last - 1, first - 1, -1):
                scale = 1 / (going[k, :k].sum() + leaving[k])
                going[k, :k] *= scale
                leaving[k] *= scale
                paid[k] *= scale
                rows = first + np.flatnonzero(going[first:k, k])
                into = going[rows, k]
                leaving[rows] += into * leaving[k]
                paid[rows] += into * paid[k]
                going[rows, :k] += into[:, None] * going[k, :k]
                going[rows, rows] = 0.0
            # Within the block each place now leads to earlier ones: follow them out of it.
            for k in range(first, last):
                within = going[k, first:k]
                leaving[k] += within @ leaving[first:k]
                paid[k] += within @ paid[first:k]
                going[k, before] += within @ going[first:k, before]
            rows = np.flatnonzero(going[before, block].any(axis=1))
            into = going[rows, block]
            leaving[rows] += into @ leaving[block]
            paid[rows] += into @ paid[block]
            going[rows, before] += into @ going[block, before]
            going[rows, rows] = 0.0
        for first in firsts:
            block = slice(first, first + BLOCK)
            paid[block] += going[block, :first] @ paid[:first]
    return paid


def _improve(
    mdp: MDP, values: Floats, action: Ints, allowed: Bools, rest: Bools
) -> tuple[Floats, Bools]:
    """Modified policy iteration from values [S] that ``action`` [S] does not make worse.

    Only actions in ``allowed`` [S, A] are taken, and resting where ``rest`` [S] says so.  Returns
    the optimal values and the states, if any, that were found to gain for ever; the values mean
    nothing then.
    """
    values = np.where(rest, np.maximum(values, 0.0), values)
    strict = STRICT if mdp.discount == 1 else 1e-12
    while True:
        changed = False
        for _ in range(SWEEPS):
            q = np.where(allowed, action_values(mdp, values), -np.inf)
            strictly = q.max(axis=-1) > values + strict * max(1.0, np.abs(values).max())
            if not strictly.any():
                break
            values = np.where(strictly, q.max(axis=-1), values)
            action = np.where(strictly, q.argmax(axis=-1), action)
            changed = True
        if not changed:
            return values, np.zeros_like(rest)
        exact, settled = _evaluate(mdp, _deterministic(mdp, action))
        if not settled[mdp.standable].all():
            return values, mdp.standable & ~settled
        values = np.maximum(values, exact)


def _growing(mdp: MDP) -> Bools:
    """States [S] from which a loop can be reached that pays more than it costs."""
    grows = np.zeros(mdp.n_states, dtype=bool)
    if not ((mdp.probability > 0) & (mdp.reward > 0) & (mdp.next_state != mdp.over)).any():
        return grows
    backwards = graph_of(mdp, mdp.probability > 0).reversed
    while True:
        # Whoever may rest anywhere has a finite optimum unless there is such a loop.
        domain = mdp.standable & ~grows
        action = np.full(mdp.n_states, REST)
        zero = np.zeros(mdp.n_states)
        _, found = _improve(mdp, zero, action, _inside(mdp, domain), domain)
        if not found.any():
            return grows
        grows |= backwards.reached(places(mdp, found))[: mdp.n_states] & mdp.standable


def _restful(mdp: MDP, domain: Bools) -> Bools:
    """States [S] of the domain where some policy is never paid anything again."""
    free = ~_pays(mdp, mdp.probability, -1)
    rest = domain
    while True:
        fewer = rest & (free & _inside(mdp, rest)).any(axis=-1)
        if (fewer == rest).all():
            return rest
        rest = fewer


def _pays(mdp: MDP, joint: Floats, axis: int | tuple[int, int]) -> Bools:
    """Whether anything is paid on average, but for rounding, by chances ``joint`` [S, A, K].

    Summed over ``axis``.  What is paid with a small chance counts, and so does what is beyond
    floats.
    """
    largest = min(np.abs(mdp.reward).max(initial=0.0), np.finfo(float).max)
    paid = joint * np.where(np.abs(mdp.reward) <= 1e-12 * largest, 0.0, mdp.reward)
    rounding = 1e-12 * np.minimum(np.abs(paid).sum(axis), np.finfo(float).max)
    return np.asarray(~(np.abs(paid.sum(axis)) <= rounding))


def _shortest_ways(mdp: MDP, domain: Bools, rest: Bools) -> tuple[Bools, Ints]:
    """The states [S] that can surely settle, and an action [S] of each that leads there."""
    goal = places(mdp, rest, over=True)
    while True:
        allowed = _inside(mdp, domain)
        graph = graph_of(mdp, (mdp.probability > 0) & allowed[..., None])
        distance = graph.reversed.distances(goal)
        fewer = domain & np.isfinite(distance[: mdp.n_states])
        if (fewer == domain).all():
            break
        domain = fewer
    after = np.where(mdp.probability > 0, distance[mdp.next_state], np.inf).min(axis=-1)
    action = np.where(allowed, after, np.inf).argmin(axis=-1)
    return domain, np.where(rest | ~domain, REST, action)


def _inside(mdp: MDP, domain: Bools) -> Bools:
    """Actions [S, A] whose every possible outcome stays in the domain [S] or ends the episode."""
    stays = np.append(domain, [True, domain[mdp.start > 0].all()])
    kept = (stays[mdp.next_state] | (mdp.probability == 0)).all(axis=-1)
    return np.asarray(kept & domain[:, None])


def _deterministic(mdp: MDP, action: Ints) -> Floats:
    """The policy [S, A] that takes ``action`` [S]; a row of zeros where it rests."""
    return np.asarray(action[:, None] == np.arange(mdp.n_actions), dtype=float)
