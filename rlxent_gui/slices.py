"""What of the world and the run is looked at, and the slices of them that a frame shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from rlxent_core.world import Cell, World
from rlxent_gui import messages, resolve, variance_plots
from rlxent_gui.display import Display
from rlxent_gui.shown_run import ShownRun
from rlxent_gui.view_state import NUMBERS, BetsView, HeaderView, StatusView

if TYPE_CHECKING:
    from rlxent_core.facts import WorldFacts


class Drawing(Protocol):
    """The world on the board, and what its file makes of it."""

    @property
    def world(self) -> World: ...
    @property
    def name(self) -> str: ...
    @property
    def modified(self) -> bool: ...
    @property
    def in_stroke(self) -> bool: ...


class Slices:
    """Owns the scene, the cells, the overlays and the numbers that the user looks at.

    ``facts`` gives those of the world on the board, where they are known.
    """

    def __init__(
        self, document: Drawing, run: ShownRun, display: Display,
        facts: Callable[[], WorldFacts | None],
    ) -> None:
        self._document, self._run, self._display, self._facts = document, run, display, facts
        self.scene = "explore"
        self.hovered: Cell | None = None
        self.place: tuple[str, str] | None = None
        """In an episode: told by the status line instead of the cell that is hovered."""
        self._selected: Cell | None = None
        self._overlays = frozenset({"policy", "value"})
        self._numbers = NUMBERS[0]
        self._plotted: tuple[str, ...] | None = None
        self._plots = {"returns": self._returns, "variance": self._variance, "cell": self._cell}

    # --- what is looked at

    def select(self, cell: Cell | None) -> None:
        """The cell that is told of; None: none."""
        self._selected = cell
        self._display.outdate("cell")

    def overlay(self, name: str, on: bool) -> None:
        """Whether it lies over the board."""
        self._overlays = self._overlays | {name} if on else self._overlays - {name}

    def write_numbers(self, kind: str | None) -> None:
        """Write these numbers into the cells, or the next kind of them."""
        following = NUMBERS[(NUMBERS.index(self._numbers) + 1) % len(NUMBERS)]
        self._numbers = following if kind is None else kind

    def plot_estimators(self, names: tuple[str, ...] | None) -> None:
        """Follow the variance of these; unless given, without a baseline and with the own one."""
        self._plotted = names
        self._display.outdate("variance")

    def wants(self) -> messages.WantValues:
        """What the training is to work out for all this."""
        explores = self.scene == "explore"
        of_cell = self._selected is not None or self.hovered is not None
        of_all = "value" in self._overlays or self._numbers in ("value", "actions")
        return messages.WantValues(
            explores and (of_cell or of_all), explores and self._numbers == "actions"
        )

    # --- how it is shown

    def show(self, facts: WorldFacts | None, stop_at: int | None, level: int) -> None:
        """All slices but the cards and the plots."""
        document, run, show = self._document, self._run, self._display.show
        world, snapshot = document.world, run.snapshot
        steady = None if document.in_stroke else facts
        show("header", HeaderView(document.name, document.modified, world.source))
        show(
            "board", resolve.board(
                world, snapshot, steady, self._overlays, self._selected, self._numbers
            )
        )
        show("transport", resolve.transport(run.state, snapshot, stop_at, level))
        parameters = snapshot.parameters if snapshot is not None else ""
        show("bets", BetsView(run.settings, world.discount, run.seed, run.device, parameters))
        show("status", self._status(facts))
        show("inspector", resolve.inspector(world, snapshot, facts, self._selected))
        show("progress", snapshot.progress if snapshot is not None else None)

    def _status(self, facts: WorldFacts | None) -> StatusView:
        run = self._run
        status = resolve.status(
            self._document.world, run.state, run.snapshot, facts, self.hovered, run.seed,
            self._numbers,
        )
        if self.place is None:
            return status
        return status._replace(episodes=self.place[0], hovered=self.place[1])

    def show_a_plot(self) -> None:
        """The next that is out of date."""
        self._display.show_a_plot(self._plots)

    def show_plots(self) -> None:
        """Draw all that are out of date, for whoever takes a picture of what nobody sees."""
        for _ in self._plots:
            self.show_a_plot()

    def _returns(self) -> object:
        run = self._run
        return resolve.returns(
            self._document.world, run.curves, run.ghosts, self._facts(), run.settings, run.seed
        )

    def _variance(self) -> object:
        return variance_plots.variance(self._run.curves, self._run.settings, self._plotted)

    def _cell(self) -> object:
        return resolve.cell_plot(self._document.world, self._run.curves, self._selected)
