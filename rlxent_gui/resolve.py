"""From what is known to what is shown: pure functions, one a slice of the view."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from rlxent_core import curves as core_curves
from rlxent_core.settings import Settings
from rlxent_core.world import Cell, World
from rlxent_gui.cell_words import ARROWS, cell_name, number, tile_words
from rlxent_gui.curves import Curves, difference, same_task
from rlxent_gui.mailbox import Snapshot
from rlxent_gui.pacing import LEVELS
from rlxent_gui.plots.data import CellPlotData, Ghost, ReturnPlotData
from rlxent_gui.view_state import (
    BoardView,
    Floats,
    InspectorView,
    RunState,
    StatusView,
    TransportView,
)
from rlxent_gui.words import count, counted, value_text

if TYPE_CHECKING:
    from rlxent_core.facts import WorldFacts

EMPTY_BOARD = ("Drag to draw walls", "Then press G and place a goal.")
TIE = 1e-6


@lru_cache(maxsize=8)
def is_empty(world: World) -> bool:
    """Nothing but floor and starts; asked every frame."""
    tiles = map(world.tile_of, set().union(*world.map))
    return all(tile.standable and tile_words(tile) in ("", "start") for tile in tiles)


def board(
    world: World, snapshot: Snapshot | None, facts: WorldFacts | None,
    overlays: frozenset[str], selected: Cell | None, numbers: str = "none",
) -> BoardView:
    n_states = world.rows * world.columns
    fits = snapshot is not None and snapshot.probabilities is not None
    fits = fits and len(snapshot.probabilities) == n_states  # type: ignore[union-attr,arg-type]
    shown = snapshot if fits else None
    empty = is_empty(world)
    return BoardView(
        world=world,
        probabilities=shown.probabilities if shown and not (empty and not shown.update) else None,
        values=shown.values if shown else None,
        optimal=facts.optimal_actions if facts and facts.has_goal else None,
        visits=shown.visits if shown else None,
        unreachable=facts.unreachable if facts and _cut_off(facts) else None,
        token=shown.token if shown else None,
        selected=selected,
        overlays=overlays,
        message=EMPTY_BOARD if empty and not (shown and shown.update) else None,
        numbers=numbers,
        figures=_figures(numbers, shown, facts),
        path=shown.flow.path if shown and shown.flow else None,
        returns=shown.flow.returns if shown and shown.flow else None,
    )


def _figures(
    numbers: str, snapshot: Snapshot | None, facts: WorldFacts | None
) -> Floats | None:
    """What is to be written into the cells, as far as it is known yet."""
    if numbers in ("uniform", "optimal") and facts is not None:
        return facts.uniform_values if numbers == "uniform" else facts.optimal_values
    if snapshot is None:
        return None
    return {
        "value": snapshot.values, "actions": snapshot.action_values, "visits": snapshot.visits
    }.get(numbers)


def transport(
    state: RunState, snapshot: Snapshot | None, stop_at: int | None, level: int
) -> TransportView:
    update = snapshot.update if snapshot else 0
    return TransportView(
        state=state,
        update=update,
        stop_at=None if stop_at is None or update > stop_at else stop_at,
        speed=level,
        speed_label=LEVELS[level].label,
        can_rewind=snapshot is not None and update > snapshot.earliest,
        token=snapshot.token if snapshot else None,
    )


def inspector(
    world: World, snapshot: Snapshot | None, facts: WorldFacts | None, cell: Cell | None
) -> InspectorView | None:
    if cell is None or not world.contains(cell):
        return None
    tile, state = world.tile(cell), cell[0] * world.columns + cell[1]
    blank = InspectorView(cell, cell_name(cell), tile_words(tile), world.moves)
    if not tile.standable or snapshot is None or snapshot.probabilities is None:
        return blank
    if len(snapshot.probabilities) != world.rows * world.columns:
        return blank
    p = snapshot.probabilities[state]
    return InspectorView(
        cell, blank.name, blank.tile, world.moves,
        probabilities=p,
        value=None if snapshot.values is None else float(snapshot.values[state]),
        entropy=float(core_curves.entropy(p)),
        visits=None if snapshot.visits is None else int(snapshot.visits[state]),
        best=tuple(m for m, x in zip(world.moves, p, strict=True) if x >= p.max() - TIE),
        optimal=()
        if facts is None or not facts.has_goal
        else tuple(
            m for m, best in zip(world.moves, facts.optimal_actions[state], strict=True) if best
        ),
    )


STATE_TEXT = {
    RunState.LOADING: "Loading PyTorch…",
    RunState.READY: "Ready",
    RunState.RUNNING: "Training",
    RunState.PAUSED: "Paused",
    RunState.STOPPED: "Stopped",
}


def status(
    world: World, state: RunState, snapshot: Snapshot | None, facts: WorldFacts | None,
    hovered: Cell | None, seed: int, numbers: str = "none",
) -> StatusView:
    update = snapshot.update if snapshot else 0
    text = STATE_TEXT[state]
    if state in (RunState.PAUSED, RunState.STOPPED) or (state is RunState.RUNNING and update):
        text += f" at update {count(update)}"
    token = snapshot.token if snapshot else None
    if token is not None:
        text += f", episode {token.episode + 1} of {token.episodes}, step {token.step}"
        if snapshot is not None and snapshot.flow is not None:
            flows = snapshot.flow.path.first > 0
            text += ": the returns flow back" if flows else ": the returns have flowed back"
    device = (snapshot.device if snapshot else "cpu").upper()
    if state is RunState.RUNNING and snapshot and snapshot.episodes_per_second:
        rate = snapshot.episodes_per_second
        device += f" · {count(float(f'{rate:.2g}'))} episodes/s"
    return StatusView(
        state=state,
        text=text,
        episodes=counted(snapshot.episodes, "episode") if snapshot and snapshot.episodes else "",
        hovered=_hovered(world, snapshot, facts, hovered, numbers),
        reachable=facts.has_goal and not _cut_off(facts) if facts else None,
        reachable_text=_reachable(facts),
        device=device,
        seed=f"seed {seed}",
    )


def _hovered(
    world: World, snapshot: Snapshot | None, facts: WorldFacts | None, cell: Cell | None,
    numbers: str,
) -> str:
    seen = inspector(world, snapshot, facts, cell)
    if seen is None:
        return ""
    parts = [seen.name]
    if seen.tile:
        parts.append(seen.tile)
    if seen.value is not None:
        parts.append(f"V {number(seen.value) if numbers == 'value' else value_text(seen.value)}")
    figures = _figures(numbers, snapshot, facts)
    if figures is not None and seen.probabilities is not None and numbers != "value":
        row, column = seen.cell
        parts.append(_in_full(numbers, world, figures[row * world.columns + column]))
    if seen.entropy is not None:
        parts.append(f"entropy {value_text(seen.entropy)}")
    return " · ".join(parts)


def _in_full(numbers: str, world: World, figure: Floats) -> str:
    """A cell's number with all its digits, e.g. "V* 0.812042"."""
    if numbers == "actions":
        sides = zip(world.moves, figure.tolist(), strict=True)
        return "Q " + "  ".join(f"{ARROWS[move]} {number(value)}" for move, value in sides)
    if numbers == "visits":
        return counted(int(figure), "visit")
    return f"{'V*' if numbers == 'optimal' else 'V uniform'} {number(float(figure))}"


def _cut_off(facts: WorldFacts) -> bool:
    """Whether there is a goal, and some start from which none can be reached."""
    return facts.has_goal and facts.moves_to_goal is None


def _reachable(facts: WorldFacts | None) -> str:
    if facts is None:
        return ""
    if not facts.has_goal:
        return "No goal"
    if _cut_off(facts):
        return "Goal out of reach"
    return f"Goal reachable in {counted(facts.moves_to_goal or 0, 'move')}"


def returns(
    world: World, curves: Curves, ghosts: list[Curves], facts: WorldFacts | None,
    settings: Settings, seed: int,
) -> ReturnPlotData:
    comparable = (ghost for ghost in ghosts if same_task(ghost.world, world))
    labelled = ((difference(ghost, world, settings, seed), ghost) for ghost in comparable)
    updates, raw, mean, _ = curves.returns.thinned().T
    return ReturnPlotData(
        updates=updates,
        raw=raw,
        mean=mean,
        sample=curves.returns.column(1)[:: max(1, len(curves.returns) // 500)],
        optimal=facts.optimal_start_value if facts else None,
        uniform=facts.uniform_start_value if facts else None,
        marks=tuple(update for update, _ in curves.marks),
        ghosts=tuple(Ghost(label, *ghost.ghost) for label, ghost in labelled if label),
        episodes_per_update=settings.batch_episodes,
    )


def cell_plot(world: World, curves: Curves, cell: Cell | None) -> CellPlotData | None:
    if cell is None or not world.contains(cell) or not world.tile(cell).standable:
        return None
    updates, probabilities = curves.policy.of_state(cell[0] * world.columns + cell[1])
    if probabilities.ndim != 2 or (len(updates) and probabilities.shape[1] != len(world.moves)):
        return None
    if not len(updates):
        probabilities = np.empty((0, len(world.moves)))
    return CellPlotData(
        cell=cell_name(cell),
        updates=updates,
        probabilities=probabilities,
        moves=world.moves,
        marks=tuple(update for update, _ in curves.marks),
    )
