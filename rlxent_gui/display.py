"""Hands the window its slices: each only when it differs, and at most one plot a frame."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np

from rlxent_core.settings import Settings
from rlxent_core.world import World
from rlxent_gui.view_state import CardView

SMALL = 16
PLOTS = ("returns", "variance", "cell")


class View(Protocol):
    """What the window can show; every method replaces that slice."""

    def show_header(self, view: Any) -> None: ...
    def show_board(self, view: Any) -> None: ...
    def show_transport(self, view: Any) -> None: ...
    def show_bets(self, view: Any) -> None: ...
    def show_status(self, view: Any) -> None: ...
    def show_inspector(self, view: Any) -> None: ...
    def show_cards(self, cards: Any) -> None: ...
    def show_progress(self, progress: Any) -> None: ...
    def show_returns(self, data: Any) -> None: ...
    def show_variance(self, data: Any) -> None: ...
    def show_cell(self, data: Any) -> None: ...


class Run(Protocol):
    """What the scenes' presenters ask of the window's: the run that is on show."""

    @property
    def run_id(self) -> int: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def world(self) -> World: ...
    @property
    def update(self) -> int: ...
    @property
    def pasts(self) -> int: ...
    @property
    def running(self) -> bool: ...
    def add_card(self, card: CardView) -> None: ...
    def remove_card(self, id: str) -> None: ...


class Rhythm:
    """How many frames pass between two repaints while training goes flat out.

    The interpreter is shared: what the window takes of it, the training loses.  So the frames
    follow what the window's thread takes, painting included, on this machine and for this world.
    """

    FEWEST, MOST, SHARE = 6, 16, 0.06

    def __init__(self) -> None:
        self.frames = 6
        self._ticks = 0
        self._since = (time.thread_time(), time.perf_counter())

    def tick(self) -> None:
        """One frame has passed; twice a second, look at what was taken."""
        self._ticks += 1
        if self._ticks % 30:
            return
        now = (time.thread_time(), time.perf_counter())
        share = (now[0] - self._since[0]) / max(now[1] - self._since[1], 1e-9)
        self._since = now
        if share > self.SHARE:
            self.frames = min(self.frames + 2, self.MOST)
        elif share < 0.6 * self.SHARE:
            self.frames = max(self.frames - 1, self.FEWEST)


class Display:
    """Remembers what a view was last shown."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._shown: dict[str, object] = {}
        self._stale = set(PLOTS)
        self._next_plot = 0

    def show(self, name: str, slice_: object) -> None:
        """Show a slice, unless it is what is to be seen already."""
        if name in self._shown and unchanged(self._shown[name], slice_):
            return
        self._shown[name] = slice_
        getattr(self._view, f"show_{name}")(slice_)

    def shown(self, name: str) -> Any:
        """What was shown last."""
        return self._shown.get(name)

    def forget(self, name: str) -> None:
        """Show a slice again even if it is the same: its control may say something else."""
        self._shown.pop(name, None)

    def outdate(self, *plots: str) -> None:
        """Have these plots, or all, drawn again when it is their turn."""
        self._stale.update(plots or PLOTS)

    def show_a_plot(self, resolve: Mapping[str, Callable[[], object]]) -> None:
        """Draw one plot that is out of date, in turn: all would cost more than a frame has."""
        for _ in PLOTS:
            name = PLOTS[self._next_plot]
            self._next_plot = (self._next_plot + 1) % len(PLOTS)
            if name in self._stale:
                self._stale.discard(name)
                getattr(self._view, f"show_{name}")(resolve[name]())
                return


def action_of(presenter: object, command: str, argument: Any) -> Callable[[], object]:
    """What a presenter does at a command: its method ``_do_…``, with the argument if there is one.

    Raises:
        KeyError: when there is no such command.
    """
    handler = getattr(presenter, f"_do_{command}", None)
    if handler is None:
        raise KeyError(f"there is no command {command!r}")
    return handler if argument is None else partial(handler, argument)


def unchanged(old: object, new: object) -> bool:
    """Whether two slices show the same; arrays longer than a cell's are so only if they are one."""
    if old is new:
        return True
    if type(old) is not type(new):
        return False
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        return old.size <= SMALL and np.array_equal(old, new)
    if isinstance(old, tuple) and isinstance(new, tuple):
        return len(old) == len(new) and all(map(unchanged, old, new))
    if is_dataclass(old):
        names = (field.name for field in fields(old))
        return all(unchanged(getattr(old, name), getattr(new, name)) for name in names)
    return bool(old == new)
