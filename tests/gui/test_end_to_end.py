"""The installed program, started as a user starts it, on a screen of its own."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif(sys.platform != "linux", reason="Xvfb is an X server"),
]
LONG = 60.0
GOAL, PAPER, INK = (0x00, 0x9E, 0x73), (0xF3, 0xF1, 0xEB), (0x17, 0x20, 0x2E)


class Screen:
    """An X server whose picture lies in a file."""

    def __init__(self, folder: Path) -> None:
        read, write = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "1920x1080x24", "-fbdir",
             str(folder), "-nolisten", "tcp"],
            pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as answer:
            self.name = f":{answer.readline().strip()}"
        self._file = folder / "Xvfb_screen0"

    def picture(self) -> np.ndarray:
        """What is to be seen, [height, width, 3]; the file is an X window dump."""
        data = self._file.read_bytes()
        header = struct.unpack(">25I", data[:100])
        size, width, height, stride, colours = (header[i] for i in (0, 4, 5, 12, 19))
        start = size + 12 * colours
        rows = np.frombuffer(data, np.uint8, stride * height, start).reshape(height, stride)
        return rows[:, : 4 * width].reshape(height, width, 4)[..., 2::-1]

    def close(self) -> None:
        self._server.terminate()
        self._server.wait(10)


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    folder = tmp_path / "screen"
    folder.mkdir()
    opened = Screen(folder)
    yield opened
    opened.close()


def has(picture: np.ndarray, colour: tuple[int, int, int], least: int) -> bool:
    return int((picture == colour).all(-1).sum()) >= least


def test_the_installed_program_opens_on_the_first_world(screen: Screen, tmp_path: Path) -> None:
    """A window with paper, ink and the green goal, nothing on standard error, and a quick end."""
    program = Path(sys.executable).with_name("rlxent")
    if not program.exists():
        pytest.skip("the program is not installed")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("QT_QPA")}
    environment |= {
        "DISPLAY": screen.name, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_DATA_HOME": str(tmp_path / "data"), "RLXENT_CONFIG_DIR": str(tmp_path / "config"),
    }
    running = subprocess.Popen(
        [program], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        deadline = time.monotonic() + LONG
        while not has(screen.picture(), GOAL, 2000):
            assert running.poll() is None, running.communicate()[1]
            assert time.monotonic() < deadline, "the goal was never seen"
            time.sleep(0.1)
        time.sleep(3)  # plots, formula and torch come in behind the window
        picture = screen.picture()
        assert running.poll() is None
        assert has(picture, PAPER, 50_000)
        assert has(picture, INK, 5_000)
    finally:
        running.terminate()
        _, errors = running.communicate(timeout=10)
    assert errors == ""


SCALES = """
import sys
from pathlib import Path
from PySide6.QtCore import QEventLoop, QTimer, qInstallMessageHandler
from PySide6.QtWidgets import QApplication
warnings = []
qInstallMessageHandler(lambda kind, context, text: warnings.append(text))
import rlxent_resources
from rlxent_core.world_file import read_text
from rlxent_gui import theme
from rlxent_gui.app import App
from rlxent_gui.document import Document
from rlxent_gui.preferences import Preferences

folder = Path(sys.argv[1])
application = QApplication([])
preferences = Preferences(folder / "preferences.json")
theme.appearance().install(application, preferences)
world = read_text(rlxent_resources.world_text("ice_and_pit"))
app = App(preferences, Document(world), device="cpu", autosave_folder=folder)
app.window.resize(1366, 768)
app.start()
one, two = application.screens()

def spin(seconds):
    loop = QEventLoop()
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    loop.exec()

while app.presenter.run.snapshot is None:
    spin(0.1)
app.presenter.on_command("play_pause")
for screen in (two, one, two):
    app.window.windowHandle().setScreen(screen)
    app.window.move(screen.geometry().topLeft())
    app.window.resize(1366, 768)
    spin(0.5)
    board = app.window.board
    picture = app.window.grab()
    assert board.devicePixelRatio() == screen.devicePixelRatio(), board.devicePixelRatio()
    assert picture.width() == 1366 * screen.devicePixelRatio(), picture.width()
    image = picture.toImage()
    colours = {image.pixelColor(x, y).name()
               for x in range(0, image.width(), 9) for y in range(0, image.height(), 9)}
    assert "#009e73" in colours, "the goal is not to be seen"
app.window.close()
app.close()
warnings = [w for w in warnings if "propagateSizeHints" not in w]
assert not warnings, warnings
print("all well")
"""


def test_the_window_moves_to_a_screen_of_another_scale(tmp_path: Path) -> None:
    """In mid-run to a screen of twice the pixels and back: as sharp there, and no warning."""
    screens = [
        {"name": name, "x": x, "y": 0, "width": scale * 1920, "height": scale * 1080,
         "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
        for name, x, scale in (("one", 0, 1), ("two", 1920, 2))
    ]
    configuration = tmp_path / "screens.json"
    configuration.write_text(json.dumps({"screens": screens}))
    done = subprocess.run(
        [sys.executable, "-c", SCALES, str(tmp_path)],
        env=os.environ | {
            "QT_QPA_PLATFORM": f"offscreen:configfile={configuration}",
            "QT_SCREEN_SCALE_FACTORS": "one=1;two=2",
        },
        capture_output=True, text=True, timeout=LONG, check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "all well\n"
