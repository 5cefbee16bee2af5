"""Several estimators at one frozen policy, on the same episodes: their clouds and their spread.

Each episode's gradient g_e is seen in two directions: that of the estimator's exact gradient g*,
x_e = ⟨g_e, g*⟩/‖g*‖², so that an unbiased cloud has its centre at x = 1, y = 0; and across it, the
direction orthogonal to g* in which the plain estimator of the same target spreads most, in the same
unit.  All estimators of a target share both, so their clouds can be laid side by side.

Episodes come in parts from the meters' own stream; more can be added at any time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from rlxent_core.estimators import Estimator, Weighting, comparable
from rlxent_core.kernel import Kernel, kernel_of
from rlxent_core.mdp import Floats
from rlxent_core.policy import action_probabilities
from rlxent_core.references import References
from rlxent_core.rollout import SampledMDP
from rlxent_core.spread import Batch, Ratio, sample_batch
from rlxent_core.variance import Measurement, Targets

PART = 256
"""Episodes of a part, about: a whole number of groups."""
ACROSS_FROM = 1024
"""Most episodes that the direction across is found from; of large boards fewer, see :data:`MOST`.
"""
MOST = 2**19
"""Numbers of the cotangents that it is found from, about: a good second's work."""
ROUNDS = 30
"""Of the power iteration."""
ROUNDING = 1e-12
"""Of the squared length: so little across the exact gradient is left by rounding alone."""
FIRST_PART = 2**44
"""Where the first part's numbers begin in the meters' stream: further on than any update's own
measurements.  The command line's begin there too, so up to :data:`ACROSS_FROM` are the same.
"""

WEIGHTINGS: tuple[Weighting, ...] = ("exact", "practice")


@dataclass(frozen=True, eq=False)
class Cloud:
    """Gradients of B episodes in the unit ‖g*‖, along the exact gradient and across it."""

    x: Floats
    """[B]"""
    y: Floats
    """[B]"""
    group: int
    """Episodes of an update, of which a cross is the mean."""

    @property
    def means(self) -> Floats:
        """The mean gradient of each whole group: [B // group, 2]."""
        count = len(self.x) // self.group * self.group
        both = np.stack([self.x[:count], self.y[:count]], axis=-1)
        return np.asarray(both.reshape(-1, self.group, 2).mean(1))

    @property
    def centre(self) -> Floats:
        """The mean over all episodes: [2]."""
        return np.array([self.x.mean(), self.y.mean()])

    def ellipse(self, chance: float = 0.95) -> Floats:
        """Half axes of the mean's confidence region as columns: [2, 2].

        The centre plus Σ_i cos, sin of the two columns goes round it.  For a normal mean of two
        numbers, −2 ln(1 − chance) is the quantile of its squared distance.
        """
        covariance = np.cov(np.stack([self.x, self.y])) / len(self.x)
        values, vectors = np.linalg.eigh(covariance)
        scale = -2 * math.log1p(-chance)
        return np.asarray(vectors * np.sqrt(np.maximum(values, 0) * scale))


@dataclass(frozen=True, eq=False)
class Found:
    """One estimator, as far as it has been measured."""

    measurement: Measurement
    cloud: Cloud | None
    """None where the exact gradient is zero, which is no direction."""
    ratio: Ratio | None
    """tr Cov over that of no baseline with the same target; None where they do not compare."""

    @property
    def relative(self) -> float | None:
        """tr Cov/‖target‖², which compares across targets; None on another scale or without one."""
        found = self.measurement
        if found.estimator.rescaled or found.target_norm2 <= 0:
            return None
        return found.trace_cov / found.target_norm2

    @property
    def episodes_needed(self) -> float | None:
        """Episodes for a cosine of .7 to the exact gradient, about 1/SNR; None without signal."""
        snr = self.measurement.snr
        return 1 / snr if snr is not None and snr > 0 else None


@dataclass(frozen=True, eq=False)
class _Part:
    """What some episodes come to, weighed by one estimator."""

    sum: Tensor
    deviations: list[Floats] = field(default_factory=list)
    x: list[Floats] = field(default_factory=list)
    y: list[Floats] = field(default_factory=list)


class _Track:
    """What is kept of one estimator from part to part."""

    def __init__(self, estimator: Estimator, like: Tensor) -> None:
        self.estimator = estimator
        self.sum = torch.zeros_like(like)
        self.deviations: list[Floats] = []
        self.x: list[Floats] = []
        self.y: list[Floats] = []

    def take(self, part: _Part) -> None:
        self.sum += part.sum
        self.deviations += part.deviations
        self.x += part.x
        self.y += part.y


class Survey:
    """A growing measurement; :meth:`add` a part, then look at :meth:`found`.

    Args:
        policy: any module whose ``forward()`` gives logits [N, S, A]; it must stay as it is.
        group: episodes of one update, which leave-one-out means and z-scores are taken from.
        references: those of a training must be given where an estimator asks for them.

    Raises:
        ValueError: where one is missing.
    """

    def __init__(
        self, policy: nn.Module, mdp: SampledMDP, estimators: Sequence[Estimator], seed: int, *,
        run: int = 0, update: int = 0, group: int = 16, references: References | None = None,
    ) -> None:
        self._mdp, self._seed, self._update = mdp, seed, update
        self.group = max(2, group)
        self._probabilities = action_probabilities(policy()[run])
        exact_policy = self._probabilities.cpu().numpy()
        self._references = references or References(mdp.mdp, exact_policy)
        self._kernel: Kernel = kernel_of(policy, run)
        self._targets = Targets(mdp, exact_policy, self._kernel)
        self._tracks = {one.name: _Track(one, self._probabilities) for one in estimators}
        self._across: dict[str, Tensor | None] = {}
        self._parts = 0
        self.rewarded = False
        self.n_episodes = 0

    def add(self, n_episodes: int, go_on: Callable[[int], bool] = lambda done: True) -> bool:
        """About so many more episodes, a part at a time; False if ``go_on(added)`` said stop.

        It is asked within a part too, which takes seconds on a large board; a part that is not
        whole is left out, and drawn again when more are asked for.
        """
        added = 0
        while added < n_episodes:
            most = min(ACROSS_FROM, max(PART, MOST // self._probabilities.numel()))
            wanted = PART if self._across else min(most, n_episodes)
            count = max(1, round(wanted / self.group)) * self.group
            if not all(go_on(added) for _ in self._add_part(count)):
                return False
            added += count
        return True

    def _add_part(self, n_episodes: int) -> Iterator[None]:
        """A part more once it has come to its end, with pauses to stop at."""
        yield
        batch = sample_batch(
            self._probabilities, self._mdp, n_episodes, self._seed,
            self._update + (self._parts + 1) * FIRST_PART, self.group,
        )
        across = dict(self._across)
        for weighting in WEIGHTINGS:
            if weighting not in across:
                across[weighting] = yield from self._find_across(batch, weighting)
        taken = []
        for track in self._tracks.values():
            own = across[track.estimator.target]
            taken.append((yield from self._taken(track.estimator, batch, own)))
        for track, part in zip(self._tracks.values(), taken, strict=True):
            track.take(part)
        self._across = across
        self._parts += 1
        self.n_episodes += n_episodes
        self.rewarded = self.rewarded or batch.rewarded

    def _taken(
        self, estimator: Estimator, batch: Batch, across: Tensor | None
    ) -> Generator[None, None, _Part]:
        yield
        target, norm2 = self._targets[estimator.target]
        pieces = batch.pieces(batch.weights(estimator, self._references))
        total = torch.stack([c.sum(0) for c in pieces()]).sum(0)
        part, mean = _Part(total), total / batch.n_episodes
        scale = batch.n_episodes / (batch.n_episodes - 1)
        for c in pieces():
            yield
            part.deviations.append(_numbers(self._kernel.norm2(c - mean) * scale))
            part.x.append(_numbers(self._kernel.inner(c, target)))
            if across is not None:
                part.y.append(_numbers(self._kernel.inner(c, across)) / math.sqrt(norm2))
        return part

    def _find_across(
        self, batch: Batch, weighting: Weighting
    ) -> Generator[None, None, Tensor | None]:
        """A cotangent d with ⟨Jᵀd, g*⟩ = 0 and ‖Jᵀd‖ = 1 along which no baseline spreads most.

        By power iteration on the covariance of the gradients, less their part along g*, through K
        alone.  None where the exact gradient is zero; zero where all lie along it, as they do where
        there are two logits.  Pauses wherever it can be stopped.
        """
        target, norm2 = self._targets[weighting]
        if norm2 <= 0:
            return None
        yield
        plain = Estimator("reward_to_go", "none", weighting)
        c = batch.cotangents(batch.weights(plain, self._references), next(batch.parts()))
        c = c - c.mean(0)
        whole = self._kernel.norm2(c).max()
        c = c - target * (self._kernel.inner(c, target) / norm2)[:, None, None]
        left = self._kernel.norm2(c)
        if left.max() <= ROUNDING * whole:  # what is left has a direction, but means nothing
            return torch.zeros_like(target)
        direction = c[int(left.argmax())]
        for _ in range(ROUNDS):
            yield
            direction = direction / float(self._kernel.norm2(direction)) ** 0.5
            direction = torch.einsum("e,esa->sa", self._kernel.inner(c, direction), c)
        # Which of the two ways it points is a matter of taste; to the state with most say, up.
        sign = 1.0 if direction.flatten()[direction.abs().argmax()] >= 0 else -1.0
        found: Tensor = direction * (sign / float(self._kernel.norm2(direction)) ** 0.5)
        return found

    def found(self) -> dict[str, Found]:
        """Every estimator by name, from all episodes so far.

        Raises:
            ValueError: before any were added.
        """
        if not self.n_episodes:
            raise ValueError("Nothing has been measured yet.")
        measured = {name: self._measurement(track) for name, track in self._tracks.items()}
        return {
            name: Found(one, self._cloud(self._tracks[name]), _ratio(one, measured.values()))
            for name, one in measured.items()
        }

    def _measurement(self, track: _Track) -> Measurement:
        norm2 = self._targets[track.estimator.target][1]
        projections = np.concatenate(track.x)
        mean_norm2 = float(self._kernel.norm2(track.sum / self.n_episodes))
        error = float(projections.std(ddof=1)) / math.sqrt(self.n_episodes)
        return Measurement(
            np.concatenate(track.deviations), mean_norm2, track.estimator, self.rewarded, norm2,
            float(projections.mean()), error,
            together=self.group if track.estimator.shares else 1,
        )

    def _cloud(self, track: _Track) -> Cloud | None:
        norm2 = self._targets[track.estimator.target][1]
        if norm2 <= 0:
            return None
        return Cloud(np.concatenate(track.x) / norm2, np.concatenate(track.y), self.group)


def _ratio(one: Measurement, others: Iterable[Measurement]) -> Ratio | None:
    for other in others:
        plain = other.estimator.baseline == "none"
        if plain and comparable(one.estimator, other.estimator):
            same = other.estimator.credit == one.estimator.credit
            gae = one.estimator.credit == "gae" and other.estimator.credit == "reward_to_go"
            if same or gae:
                return Ratio.of(one, other)
    return None


def _numbers(values: Tensor) -> Floats:
    return np.asarray(values.double().cpu().numpy())
