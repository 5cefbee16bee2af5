"""What the views show: frozen slices, resolved by the presenter, applied by passive views.

A view gets a slice only when it differs from the one before; long arrays are compared by identity.
Nothing here imports Qt or torch.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rlxent_core.settings import Settings
from rlxent_core.world import Cell, World
from rlxent_gui.path_view import PathView

Floats = NDArray[np.floating]
Bools = NDArray[np.bool_]


NUMBERS = ("none", "value", "uniform", "optimal", "actions", "visits")
"""What can be written into the cells: V of the current, the uniform and the optimal policy, Q of
the current policy, visits."""


class RunState(Enum):
    """What training is doing."""

    LOADING = "loading"
    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class Token(NamedTuple):
    """The walking agent: where it is, where it came from and the label it sampled."""

    cell: Cell
    before: Cell | None
    action: str
    step: int
    episode: int
    episodes: int
    finished: bool


class Flow(NamedTuple):
    """The returns of a watched episode on their way back along its path."""

    path: PathView
    """As far as they have come; its weights are those that the update will use."""
    returns: Floats
    """G_t of the earliest visit that was reached, nan elsewhere: [S]."""


class BoardView(NamedTuple):
    """What lies on the board; arrays are over all cells in row order."""

    world: World
    probabilities: Floats | None = None
    values: Floats | None = None
    optimal: Bools | None = None
    visits: Floats | None = None
    unreachable: Bools | None = None
    token: Token | None = None
    selected: Cell | None = None
    overlays: frozenset[str] = frozenset({"policy"})
    message: tuple[str, str] | None = None
    numbers: str = "none"
    """One of :data:`NUMBERS`."""
    figures: Floats | None = None
    """What is written into the cells: [S], or [S, A] for "actions"."""
    path: PathView | None = None
    """A walk over the board, with darts faded below it."""
    returns: Floats | None = None
    """G_t along the path, nan elsewhere: [S]; written instead of the figures."""


class TransportView(NamedTuple):
    """Buttons and counters under the board."""

    state: RunState
    update: int
    stop_at: int | None
    speed: int
    speed_label: str
    can_rewind: bool
    token: Token | None = None


class InspectorView(NamedTuple):
    """The selected cell; ``None`` numbers are not known yet."""

    cell: Cell
    name: str
    """E.g. "G5"."""
    tile: str
    """What the cell does in words, e.g. "wind ↑"; empty for floor."""
    moves: tuple[str, ...]
    probabilities: Floats | None = None
    value: float | None = None
    entropy: float | None = None
    visits: int | None = None
    best: tuple[str, ...] = ()
    optimal: tuple[str, ...] = ()


class StatusView(NamedTuple):
    """The line at the bottom."""

    state: RunState
    text: str
    """E.g. "Paused at update 128"."""
    episodes: str
    hovered: str
    reachable: bool | None
    reachable_text: str
    device: str
    """E.g. "CPU · 1 900 episodes/s"."""
    seed: str


class CardAction(NamedTuple):
    """A button on a card: its text, and the id of the command it sends."""

    text: str
    command: str
    primary: bool = False


class CardView(NamedTuple):
    """A message above the canvas, never modal, with the way out on a button."""

    id: str
    icon: str
    """warning, file, infinity, cpu, plot, hourglass, info."""
    title: str
    body: str
    actions: tuple[CardAction, ...] = ()
    progress: float | None = None
    """0..1 where long work is under way."""
    dismissible: bool = True


class BetsView(NamedTuple):
    """The three bets and what surrounds them."""

    settings: Settings
    discount: float
    seed: int
    device: str
    """auto, cpu or cuda, as asked for."""
    parameters: str
    """E.g. "256 logits: one per cell and action"."""
    enabled: bool = True


class HeaderView(NamedTuple):
    """The world's name and whether it is edited."""

    name: str
    edited: bool
    source: str = ""
