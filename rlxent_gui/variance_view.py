"""What the Variance scene's first view shows: frozen slices, without Qt or torch.

The training thread fills in :class:`Survey` and :class:`Row`; the presenter makes
:class:`GradientSlice` of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rlxent_core.estimators import Estimator
from rlxent_core.settings import Settings
from rlxent_core.world import World

Floats = NDArray[np.float64]

EPISODES = (256, 1024, 4096, 16384)
"""How many can be asked for at once."""
MOST = 6
"""Estimators that are looked at closely: a cloud each, and a curve."""


@dataclass(frozen=True, eq=False)
class CloudView:
    """Gradients of B episodes, along the exact gradient (1: as long as it) and across it."""

    x: Floats
    y: Floats
    means: Floats
    """Of every batch: [n, 2]."""
    centre: tuple[float, float]
    ellipse: Floats
    """Half axes of the mean's 95 % confidence region as columns: [2, 2]."""
    reach: tuple[float, float]
    """How far from the exact gradient all but a few of the dots lie, along and across."""


@dataclass(frozen=True, eq=False)
class Row:
    """One estimator as far as it has been measured; None where there is no such number."""

    estimator: Estimator
    trace: float
    interval: tuple[float, float]
    """95 %, on the logarithmic scale."""
    ratio: float | None
    """tr Cov of no baseline over its own: how many times less it is."""
    ratio_interval: tuple[float, float] | None
    relative: float | None
    """tr Cov/‖target‖²."""
    projection: float | None
    """⟨mean, target⟩/‖target‖²: 1 where it is unbiased."""
    projection_error: float | None
    cosine: float | None
    snr: float | None
    episodes_needed: float | None
    cloud: CloudView | None
    exact: float | None = None

    @property
    def name(self) -> str:
        return self.estimator.name


@dataclass(frozen=True, eq=False)
class Survey:
    """All that was measured at one policy."""

    update: int
    """The policy's."""
    pasts: int
    """As it was said when it was asked for."""
    world: World
    settings: Settings
    episodes: int
    rewarded: bool
    """Whether any episode was paid; without, there is no variance to speak of."""
    rows: tuple[Row, ...]
    left_out: str = ""
    """Why some estimators are not among them."""
    exact_refused: str = ""
    """Why there are no exact numbers; empty where there can be."""
    exact_done: bool = False
    quick: bool = True
    """Whether b* and the exact variance can be followed while it trains."""


@dataclass(frozen=True, eq=False)
class Chosen:
    """An estimator that is looked at closely."""

    name: str
    label: str
    role: str
    """The token it is drawn with."""
    dash: str
    """solid, dashed, dotted or mixed."""
    row: Row | None


@dataclass(frozen=True, eq=False)
class TableLine:
    """A row of the table in words, or the heading of a group."""

    name: str
    """Of the estimator; empty: a heading."""
    label: str
    cells: dict[str, str] = field(default_factory=dict)
    """By column; a missing one is empty."""
    bar: tuple[float, float, float, float | None] | None = None
    """tr Cov, the ends of its interval, and the exact one."""
    chosen: bool = False
    own: bool = False
    """Whether the training uses it."""
    role: str = "ink"
    """The token it is drawn with."""
    bias: str = ""
    """Why it is biased; empty where it is not."""
    not_followed: str = ""
    """Why it is not followed while it trains; empty where it is."""
    shared: str = ""
    """From how many episodes it takes what they share, where that is not as in the training."""
    spoken: str = ""
    """All of it, for a screen reader."""


@dataclass(frozen=True, eq=False)
class GradientSlice:
    """Everything but the curves along training."""

    survey: Survey | None
    chosen: tuple[Chosen, ...]
    lines: tuple[TableLine, ...]
    sort: tuple[str, bool]
    """Column, and whether it is turned round; "" is by target."""
    sentence: str
    """Of which policy it is, and how many episodes."""
    newer: str
    """That training went on, or the world changed; empty where it did not."""
    episodes: int
    """Of :data:`EPISODES`: how many are asked for at once."""
    note: str = ""
    """Below the table: what is missing in it and why."""
    empty: str = ""
    """Instead of it all, where nothing has been or can be measured."""
    full: bool = False
    """Whether no other estimator can be chosen."""
    busy: str = ""
    """Why nothing can be asked for; empty where it can."""
    held: bool = False
    """Whether that is because the training thread does something else."""
