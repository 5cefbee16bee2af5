"""``rlxent render``: a picture of a board, without a screen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

import rlxent_gui.__main__ as program
from rlxent_gui.theme import DARK, LIGHT


def render(*argv: str) -> int:
    return program.main(["render", *argv])


def test_a_png_is_as_long_as_asked(qapp, tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    assert render("sparse5", str(out), "--size", "400") == 0
    image = QImage(str(out))
    assert max(image.width(), image.height()) == 400
    assert image.pixelColor(0, 0) == LIGHT.bg
    assert render("sparse5", str(out), "--dark") == 0
    assert QImage(str(out)).pixelColor(0, 0) == DARK.bg


def test_a_policy_and_its_values_are_drawn(qapp, tmp_path: Path) -> None:
    """Darts of ink with --policy, plum with --values, neither without."""
    colours = {}
    for name, options in {
        "plain": [], "policy": ["--policy", "optimal"], "values": ["--values"],
    }.items():
        out = tmp_path / f"{name}.svg"
        assert render("sparse5", str(out), *options) == 0
        text = out.read_text(encoding="utf-8")
        ET.fromstring(text)
        colours[name] = text
    assert colours["policy"].count(f'fill="{LIGHT.ink.name()}"') > 10 + colours["plain"].count(
        f'fill="{LIGHT.ink.name()}"'
    )
    floor = f'fill="{QColor(LIGHT.floor).name()}"'
    assert colours["values"].count(floor) < colours["plain"].count(floor)


def test_a_policy_file_is_drawn(qapp, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps({"logits": np.zeros((20, 4)).tolist()}))
    out = tmp_path / "a.png"
    status = render("sparse5", str(out), "--policy", str(policy))
    cells = program.main(["solve", "sparse5", "--policy", str(policy)])
    assert status == cells


@pytest.mark.parametrize(("argv", "word"), [
    (["nowhere", "a.png"], "nowhere"),
    (["sparse5", "a.gif"], ".png or .svg"),
    (["sparse5", "no/such/folder/a.png"], "cannot be written"),
    (["sparse5", "a.png", "--policy", "missing.json"], "missing.json"),
    (["sparse5", "a.png", "--size", "1000000"], "at most"),
])
def test_what_is_wrong_is_one_sentence(qapp, tmp_path, monkeypatch, capsys, argv, word) -> None:
    monkeypatch.chdir(tmp_path)
    assert render(*argv) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("rlxent: ")
    assert said.err.count("\n") == 1
    assert word in said.err
    assert not list(tmp_path.glob("*.png"))


def test_no_screen_is_needed_and_help_lists_it(tmp_path: Path) -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    env = {k: v for k, v in os.environ.items() if k not in hidden}
    out = tmp_path / "a.png"
    for argv in (["render", "ice_and_pit", str(out)], ["--help"]):
        answer = subprocess.run(
            [sys.executable, "-m", "rlxent_gui", *argv], capture_output=True, text=True,
            encoding="utf-8", env=env, timeout=120,
        )
        assert (answer.returncode, answer.stderr) == (0, "")
    assert "render" in answer.stdout
    assert out.read_bytes().startswith(b"\x89PNG")
