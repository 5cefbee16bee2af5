"""Whatever can be drawn: its file gives the same world, and the command line the same values."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rlxent_core import cli, world_file
from rlxent_core.facts import world_facts
from rlxent_core.mdp import compile_world
from rlxent_core.world import Teleport, Tile, WorldError
from rlxent_gui.canvas.editor import Editor
from rlxent_gui.canvas.tools import Tool
from rlxent_gui.document import Document, empty_world

QUIET = settings(
    max_examples=60, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
amounts = st.floats(-50, 50, allow_nan=False)
chances = st.floats(0, 1)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
cells = st.tuples(st.integers(-1, 7), st.integers(-1, 7))
tiles = st.builds(
    Tile,
    start=st.just(0.0) | st.floats(0, 9),
    terminal=st.booleans(),
    reward=amounts,
    exit=st.none() | amounts,
    teleport=st.none() | st.builds(
        Teleport, st.tuples(st.integers(0, 6), st.integers(0, 6)), amounts
    ),
    respawn=st.booleans(),
    slip=st.none() | chances,
    wind=st.tuples(st.integers(-3, 3), st.integers(-3, 3)),
    reversed=st.booleans(),
    reward_noise=st.none() | st.floats(0, 5),
)
drags = st.tuples(st.sampled_from(Tool), st.lists(cells, min_size=1, max_size=4), st.booleans())
fields = st.fixed_dictionaries({}, optional={
    "name": texts, "notes": texts, "source": texts, "step_reward": amounts, "bump_reward": amounts,
    "slip": chances, "reward_noise": st.floats(0, 3), "discount": st.floats(0, 0.95),
    "max_steps": st.none() | st.integers(1, 60),
})  # fmt: skip


def drag(editor: Editor, document: Document, tool: Tool, path, erase: bool) -> None:
    """Press in the first cell, move over the others, release."""
    editor.choose(tool)
    row, column = path[0]
    inside = (max(0, min(row, document.world.rows - 1)),
              max(0, min(column, document.world.columns - 1)))
    editor.press(inside, erase=erase)
    for cell in path[1:]:
        editor.extend(cell)
    editor.release()


@st.composite
def drawings(draw: st.DrawFn) -> Document:
    """A document after strokes with every tool, tiles of every kind, fields, undo and redo."""
    document = Document(empty_world(draw(st.integers(1, 7)), draw(st.integers(1, 7))))
    editor = Editor(document)
    for _ in range(draw(st.integers(1, 6))):
        what = draw(st.sampled_from(["drag", "drag", "tile", "fields", "undo", "redo"]))
        # What breaks a rule of the format is refused, and the document stays as it was.
        with contextlib.suppress(WorldError):
            if what == "drag":
                drag(editor, document, *draw(drags))
            elif what == "tile":
                cell = draw(st.sampled_from(document.world.cells))
                document.apply({cell: draw(tiles)})
            elif what == "fields":
                document.set_fields(**draw(fields) or {"name": "Again"})
            else:
                getattr(document, what)()
    return document


@QUIET
@given(document=drawings())
def test_what_is_drawn_is_written_and_read(qapp, document: Document) -> None:
    """The file's text gives the same world, and the same text again."""
    text = world_file.write_text(document.world)
    found = world_file.read_text(text)
    assert found == document.world
    assert world_file.write_text(found) == text


class NoWorlds:
    def names(self) -> tuple[str, ...]:
        return ()

    def text(self, name: str) -> str:
        raise KeyError(name)


@QUIET
@given(document=drawings())
def test_the_command_line_says_what_the_window_says(qapp, tmp_path: Path, document) -> None:
    """Saved, read and solved by the command: the values of the drawn world to 1e-9."""
    path = tmp_path / "drawn.json"
    document.save_as(path)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert cli.main(["solve", "--json", str(path)], NoWorlds()) == 0
    answer = json.loads(out.getvalue())
    facts = world_facts(document.world)  # what the window shows
    mdp = compile_world(document.world)
    for key, values in (
        ("values", facts.uniform_values), ("optimal_values", facts.optimal_values),
    ):
        wanted = [v if np.isfinite(v) else None for v in values[mdp.standable]]
        assert [v is None for v in answer[key]] == [v is None for v in wanted]
        for found, value in zip(answer[key], wanted, strict=True):
            assert value is None or abs(found - value) <= 1e-9 * max(1.0, abs(value))
    for key, start_value in (
        ("start_value", facts.uniform_start_value),
        ("optimal_start_value", facts.optimal_start_value),
    ):
        assert answer[key] == pytest.approx(start_value, rel=1e-9, abs=1e-9)
    assert answer["moves"] == list(document.world.moves)
