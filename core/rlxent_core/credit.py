"""Credit: the weight w_t of every step, which multiplies its cross-entropy.

=============  ====================  ==================================================
credit         weight                mean of the gradient
=============  ====================  ==================================================
total_return   G_0 − b               ∇J, whatever the discount weighting
reward_to_go   κ_t (G_t − b)         exact (κ_t = γ^t): ∇J; practice (κ_t = 1): the same
                                     sum without γ^t, which is not ∇J (Thomas 2014)
gae            κ_t Σ_k (γλ)^k δ_t+k  the same as reward_to_go's with exact V_t, for every λ;
                                     biased for λ < 1 where V is learned
=============  ====================  ==================================================

G_t = Σ_k γ^k r_t+k and δ_t = r_t + γ V_t+1 − V_t, with V = 0 at the end of the episode,
``max_steps`` included: it is a true end.  The baseline b never looks at the action or at what
follows it, so it leaves the mean as it is:

- none: 0.
- leave_one_out: the mean of the run's other episodes, of G_0 or, for reward-to-go, of G_t over
  those that are still alive at t; 0 where there is no other.
- moving_average, optimal_constant: one number for each run, from past batches alone.
- exact_value, critic: V_t(s_t) or V(s_t), fixed before the batch; for the total return that of
  the episode's first state, since what came before t cannot be told apart by a value of s_t.

Arrays of steps are [T, N, B], float64.  Weights past an episode's end are meaningless: they
belong to no state (see :meth:`Episodes.tally`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rlxent_core.arrays import code_for, native, on_cpu, sum_last, tensor, unsigned
from rlxent_core.rollout import Episodes, Floats
from rlxent_core.settings import Settings

WIDE = 256
"""Episodes a run from which one addition a step is faster than log₂ T passes over all steps."""
IN_CACHE = 2**15
"""About how many steps those passes take at once, of as many runs as that makes."""


def discounted_sums(x: Tensor, factor: float) -> Tensor:
    """y_t = Σ_k factor^k x_t+k over the first axis of ``x`` [T, N, B].

    Never divides by a power of ``factor``, so any factor within [0, 1] and any T will do.  Zeros
    after the end change no bit.
    """
    if not on_cpu(x):
        reach = 1
        while reach < len(x):
            x = torch.cat([x[:-reach] + factor**reach * x[reach:], x[-reach:]])
            reach *= 2
        return x
    terms = x.numpy()
    code = code_for(x)
    if code is not None and terms.size:
        y, flat = np.empty_like(terms), (len(terms), -1)
        if x.shape[-1] >= WIDE:
            code.discounted_sums(terms.reshape(flat), factor, y.reshape(flat))
        else:
            code.doubled_sums(terms.reshape(flat), _doublings(factor, len(x)), y.reshape(flat))
        return torch.from_numpy(y)
    if x.shape[-1] >= WIDE:
        y, times = np.empty_like(terms), np.array(factor)  # a Python float takes longer
        y[-1:] = terms[-1:]
        for term, now, later in zip(terms[-2::-1], y[-2::-1], y[::-1], strict=False):
            np.multiply(later, times, now)
            np.add(term, now, now)
        return torch.from_numpy(y)
    runs = 1 + IN_CACHE // (len(terms) * x.shape[-1])
    if runs >= x.shape[1]:
        return torch.from_numpy(_doubling(terms, factor))
    y = np.empty_like(terms)
    for first in range(0, x.shape[1], runs):
        y[:, first : first + runs] = _doubling(terms[:, first : first + runs], factor)
    return torch.from_numpy(y)


def _doubling(x: Floats, factor: float) -> Floats:
    y, reach = x.copy(), 1
    later = np.empty_like(y)
    for power in _doublings(factor, len(y)):  # y_t holds the terms up to t + reach − 1
        np.multiply(y[reach:], power, out=later[reach:])
        y[:-reach] += later[reach:]
        reach *= 2
    return y


@lru_cache(maxsize=1024)
def _doublings(factor: float, steps: int) -> Floats:
    """``factor`` to the powers of 1, 2, 4 … below ``steps``."""
    return np.array([factor ** (1 << k) for k in range((steps - 1).bit_length())])


def returns_to_go(reward: Tensor, discount: float) -> Tensor:
    """G_t of every step: [T, N, B]; the first row is the return G_0."""
    return discounted_sums(reward, discount)


def gae(reward: Tensor, values: Tensor, discount: float, lam: float) -> Tensor:
    """Generalised advantage estimates Σ_k (γλ)^k δ_t+k: [T, N, B].

    ``values`` are those of the visited states, 0 past the end of an episode, so that a row more
    than ``reward`` has, after the last step, may be left out.

    Source: Schulman et al. (2016), High-dimensional continuous control using generalized
    advantage estimation, eq. 16; V is 0 at ``max_steps`` too, since the episode truly ends there.
    """
    values = values[: len(reward)]
    code = code_for(reward, values)
    if code is not None and reward.numel() and reward.shape[-1] < WIDE:
        found, flat = torch.empty_like(reward), (len(reward), -1)
        powers = _doublings(discount * lam, len(reward))
        arrays = (x.numpy().reshape(flat) for x in (reward, values))
        code.gae(*arrays, discount, powers, found.numpy().reshape(flat))
        return found
    r, v = native(reward), native(values)
    delta = r - v
    delta[:-1] += v[1:] * discount
    return discounted_sums(tensor(delta), discount * lam)


def leave_one_out(gain: Tensor, alive: Tensor) -> Tensor:
    """The mean of the other episodes that are alive, 0 where there is none: [..., N, B].

    ``alive`` is bool; where it is false ``gain`` must be 0, and what is returned means nothing.

    Source: Kool, van Hoof and Welling (2019), Buy 4 REINFORCE samples, get a baseline for free!
    """
    return gain - less_leave_one_out(gain, alive.sum(-1).to(gain))


def z_scores(gain: Tensor, alive: Tensor) -> Tensor:
    """(G − Ḡ)/σ̂ over all steps of a run's episodes, 0 where σ̂ is: [T, N, B].

    ``alive`` is bool; where it is false what is returned means nothing.
    """
    code = code_for(gain, alive)
    if code is not None:
        found = torch.empty_like(gain)
        code.z_scores(gain.numpy(), alive.numpy(), found.numpy())
        return found
    mean, deviation = mean_and_deviation(gain, alive)
    return torch.where(deviation > 0, (gain - mean) / deviation, 0.0)


def mean_and_deviation(gain: Tensor, alive: Tensor) -> tuple[Tensor, Tensor]:
    """Ḡ and σ̂ (divisor n − 1) over all steps of a run's episodes: both [1, N, 1]."""
    x, taken = native(gain), native(alive)
    count = taken.sum((0, 2))[:, None]
    mean = _in_turn((x * taken).sum(0)) / count
    apart = (x - mean) * taken
    deviation = (_in_turn((apart * apart).sum(0)) / (count - 1 + (count == 1))) ** 0.5
    # Of equal returns rounding leaves something, which must not be blown up.
    least = 1e-12 * tensor(abs(x)).amax((0, 2))[:, None]
    deviation = tensor(deviation)
    return tensor(mean)[None], torch.where(deviation > least, deviation, 0.0)[None]


def _in_turn(x: Any) -> Any:
    """Sums over the last axis of [N, B], from the first number to the last: [N, 1]."""
    return x.cumsum(-1)[:, -1:]


def less_leave_one_out(gain: Tensor, n_alive: Tensor) -> Tensor:
    """``gain`` minus its :func:`leave_one_out`; ``n_alive`` is [..., N]."""
    code = code_for(gain, n_alive)
    if code is not None and gain.dim() == 3:
        less, total = torch.empty_like(gain), sum_last(native(gain))
        code.less_leave_one_out(gain.numpy(), total, n_alive.numpy(), less.numpy())
        return less
    others = native(n_alive) - 1
    others = others + (others == 0)
    # G − (ΣG − G) / (n − 1).  Alone, ΣG = G and this is 2G − G.
    times, share = 1 + 1 / others, sum_last(native(gain)) / others
    less = gain * tensor(times[..., None])  # PyTorch stretches a short axis faster
    less -= tensor(share[..., None])
    return less


def count_alive(lengths: Tensor, steps: int) -> Tensor:
    """How many of a run's episodes, so long [N, B], take a step at t < ``steps``: [T, N], float64.

    None of them is longer.
    """
    n_runs, n_episodes = lengths.shape
    code = code_for(lengths)
    if code is not None:
        alive = np.zeros((steps, n_runs))
        code.count_alive(unsigned(lengths).reshape(-1), n_episodes, alive)
        return torch.from_numpy(alive)
    if on_cpu(lengths):
        place = lengths.numpy()
        if n_runs > 1:
            place = place + np.arange(n_runs)[:, None] * (steps + 1)
        ended = np.bincount(place.reshape(-1), minlength=n_runs * (steps + 1))
        over = ended.reshape(n_runs, steps + 1).T[:-1].cumsum(0)
        return torch.from_numpy((n_episodes - over).astype(np.float64))
    t = torch.arange(steps, device=lengths.device)[:, None, None]
    return (lengths > t).sum(-1).double()


def discount_powers(episodes: Episodes) -> Tensor:
    """γ^t: [T, 1, 1], float64."""
    steps = len(episodes.leaf)
    longest = max(steps, episodes.mdp.max_steps)
    powers = _powers(episodes.mdp.discount, longest, episodes.leaf.device)
    return powers[:steps, None, None]


@lru_cache(maxsize=16)
def _powers(discount: float, steps: int, device: torch.device) -> Tensor:
    """γ^t for t < ``steps``.

    Of the last few PyTorch rounds some otherwise, so they are always computed for all steps.
    """
    return discount ** torch.arange(steps, device=device, dtype=torch.float64)


def weights(
    settings: Settings,
    episodes: Episodes,
    to_go: Tensor,
    values: Tensor | None = None,
    constant: Tensor | None = None,
) -> Tensor:
    """The weight of every step, κ_t times its :func:`advantages`: [T, N, B]."""
    weight = advantages(settings, episodes, to_go, values, constant)
    return kappa_times(settings, episodes, weight)


def kappa_times(settings: Settings, episodes: Episodes, advantage: Tensor) -> Tensor:
    """κ_t times the advantage, which a total return already has in itself: [T, N, B]."""
    if settings.credit == "total_return" or settings.discount_weighting != "exact":
        return advantage
    return advantage * discount_powers(episodes)


def advantages(
    settings: Settings,
    episodes: Episodes,
    to_go: Tensor,
    values: Tensor | None = None,
    constant: Tensor | None = None,
) -> Tensor:
    """What every step is credited with, less the baseline: [T, N, B].

    ``to_go`` are the :func:`returns_to_go`.  ``values`` [T, N, B], those of the visited states,
    are asked for by the baselines exact_value and critic, and ``constant`` [N] by moving_average
    and optimal_constant.
    """
    if settings.credit == "total_return":
        return _total_return(settings, to_go[0], values, constant).expand_as(to_go)
    if settings.credit == "gae":
        assert values is not None
        return gae(episodes.reward, values, episodes.mdp.discount, settings.gae_lambda)
    if values is not None:
        return to_go - values
    if constant is not None:
        return to_go - constant[:, None]
    if settings.baseline == "leave_one_out":
        return less_leave_one_out(to_go, count_alive(episodes.lengths, len(to_go)))
    return to_go


def _total_return(
    settings: Settings, total: Tensor, values: Tensor | None, constant: Tensor | None
) -> Tensor:
    """G_0 − b for every episode: [N, B]."""
    if values is not None:
        return total - values[0]
    if constant is not None:
        return total - constant[:, None]
    if settings.baseline == "leave_one_out":
        n_runs, n_episodes = total.shape
        return less_leave_one_out(total, total.new_full((n_runs,), n_episodes))
    return total
