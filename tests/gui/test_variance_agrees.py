"""The Variance scene's numbers beside the command line's: same world, policy, settings and seed."""

from __future__ import annotations

import json

import pytest
import torch
from PySide6.QtCore import Qt

from rlxent_core import cli
from rlxent_core.estimators import estimator
from rlxent_core.policy import action_probabilities
from rlxent_core.references import References
from rlxent_core.run_file import write_run
from rlxent_core.survey import ACROSS_FROM, FIRST_PART
from rlxent_core.variance import measure
from rlxent_gui import messages, variance_resolve
from rlxent_gui.__main__ import Bundled
from tests.gui.test_variance_scene import Room, room  # noqa: F401


def commanded(capsys, *options: str) -> dict:
    """What ``rlxent variance`` answers."""
    assert cli.main(["variance", *options, "--exact", "--json"], Bundled()) == 0
    return json.loads(capsys.readouterr().out)


def looked_up(room: Room) -> object:  # noqa: F811
    """The trainer behind the window, between two updates."""
    found: list[object] = []
    room.app.training.send(messages.Consult(lambda run, report: found.append(run)))
    room.wait(lambda: bool(found))
    return found[0]


def worked_out(room: Room) -> None:  # noqa: F811
    """Measured anew and exactly, by the scene's own buttons."""
    room.click(room.gradient.controls.anew)
    room.wait(lambda: not room.busy and room.survey.update == room.update)
    room.click(room.gradient.controls.exact)
    room.wait(lambda: room.survey.exact_done and not room.busy)
    room.frame()


@pytest.mark.parametrize("policy", ["uniform table", "trained network"])
def test_every_number_is_that_of_the_command_line(
    room: Room, capsys, tmp_path, policy  # noqa: F811
) -> None:
    """In the table as it is shown, to its last digit, and behind it to 1e-9, exact and sampled."""
    options = ["sparse5", "--seed", "0"]
    if policy == "uniform table":
        room.app.presenter.on_command("setting", ("architecture", "table"))
        room.frame()
    else:
        for _ in range(5):
            before = room.update
            room.key(room.window, Qt.Key.Key_U)
            room.wait(lambda before=before: room.update > before)
        write_run(tmp_path / "run.json", looked_up(room).record())
        options += ["--policy", str(tmp_path / "run.json")]
    worked_out(room)
    answer = commanded(capsys, *options)
    lines = {line.name: line for line in room.table.rows.lines if line.name}
    rows = {row.name: row for row in room.survey.rows}
    compared = 0
    for name, entry in answer["estimators"].items():
        row = rows[name]
        assert row.exact == pytest.approx(entry["exact"], rel=1e-9, abs=1e-12), name
        assert lines[name].cells["exact"] == variance_resolve.figure(entry["exact"])
        assert lines[name].bar[3] == row.exact
        assert row.trace == pytest.approx(entry["trace_cov"], rel=1e-9), name
        compared += 1
    assert compared == 18
    norm2 = answer["exact_gradient_norm2"]
    for row in rows.values():
        if row.relative is not None:
            target = norm2[row.estimator.target]
            assert row.relative == pytest.approx(row.trace / target, rel=1e-9)


def test_sampled_numbers_are_those_of_the_command_lines_measurement(
    room: Room,  # noqa: F811
) -> None:
    """By the function behind the command, on the window's episodes: they lie further on in the
    meters' stream than the live meter's, so that more can be added."""
    room.app.presenter.on_command("setting", ("architecture", "table"))
    room.frame()
    worked_out(room)
    assert room.survey.episodes == ACROSS_FROM  # one part of the stream
    trainer = looked_up(room)._trainer
    names = [row.name for row in room.survey.rows]
    probabilities = action_probabilities(trainer.logits()[0]).double().numpy()
    references = References(trainer.mdp, probabilities)
    with torch.no_grad():
        found = measure(
            trainer.policy, trainer.sampled_mdp, [estimator(name) for name in names], ACROSS_FROM,
            trainer.seeds[0], update=FIRST_PART, group=16, references=references,
        )
    for row in room.survey.rows:
        expected = found[row.name]
        assert row.trace == pytest.approx(expected.trace_cov, rel=1e-9), row.name
        assert row.cosine == pytest.approx(expected.cosine, abs=1e-9)
        if not row.estimator.rescaled:
            assert row.projection == pytest.approx(expected.mean_projection, rel=1e-9)
            assert row.interval == pytest.approx(expected.interval(), rel=1e-9)
