"""Files that are no files, and files that would fill the memory: refused, in time and in bounds."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from rlxent_core.world_file import file_text
from tests.fuzz.readers import FROM_FILES, GOOD, LONG, refused

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
MEMORY = 640 * 2**20
"""Bytes that a reader may ask the system for beside what the program is."""
GIB = 2**30
RUN = '{"format": "rlxent-run", "version": 1, "world": '
SIZES = {"world file": 2**20, "run": 2**25}
DENSE = (
    ("world file", "[", "1,", "1]"), ("run", "[", "1e9,", "1]"), ("run", "[", '{"a":1},', "1]"),
)  # fmt: skip
"""Who reads it, beginning, what comes again and again, and end: files that take much memory."""
DENSER = (
    ("[", "1,", "1]"), ("[", "1e9,", "1]"), ("[", '{"a":1},', "1]"), ("", "[", ""),
    (RUN + "[", "1,", "1]}"), ("[", "[],", "1]"), ('{"a":', '{"a":', ""), ("[", '"ā",', "1]"),
    ("", "9", ""), (RUN, " ", "}"), ('{"', "x", '": 1}'), ('"', "\\n", '"'),
    (RUN + '{}, "settings": {"', "x", '": 1}}'),
)  # fmt: skip
"""More of them, for the long run."""


def sparse(path: Path, head: bytes = b"") -> Path:
    """A file of 1 GB that takes no room on the disk."""
    with path.open("wb") as file:
        file.write(head)
        file.truncate(GIB)
    return path


def filled(path: Path, begin: str, unit: str, end: str, size: int) -> Path:
    """A file of ``size`` bytes, the same thing over and over."""
    path.write_text(begin + unit * ((size - len(begin) - len(end)) // len(unit)) + end)
    return path


@pytest.fixture
def special(tmp_path: Path) -> dict[str, Path]:
    """No ordinary files, by what they are."""
    pipe, loop, nowhere = tmp_path / "pipe.json", tmp_path / "loop.json", tmp_path / "nowhere.json"
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    nowhere.symlink_to(tmp_path / "gone.json")
    link = tmp_path / "link_to_pipe.json"
    link.symlink_to(pipe)
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    secret.chmod(0)
    return {
        "pipe": pipe, "link to a pipe": link, "link to itself": loop, "link to nothing": nowhere,
        "folder": tmp_path, "endless device": Path("/dev/zero"), "empty device": Path("/dev/null"),
        "terminal": Path("/dev/tty"), "file under a file": secret / "world.json",
        "name with a NUL": Path("a\0b.json"), "name of half a character": Path("\ud800.json"),
        "name that is too long": tmp_path / ("x" * 300), "unreadable": secret,
        "memory of the process": Path("/proc/self/mem"),
    }  # fmt: skip


def test_what_is_no_file_is_refused_at_once(special: dict[str, Path]) -> None:
    """Nothing is waited for: a pipe that nobody writes to would be for ever."""
    for what, path in special.items():
        for name, (read, wanted) in FROM_FILES.items():
            assert refused(lambda read=read, path=path: read(path), wanted, path), (what, name)


def test_a_link_to_a_world_opens(tmp_path: Path) -> None:
    """What it leads to is an ordinary file."""
    link = tmp_path / "link.json"
    link.symlink_to(next(path for path in GOOD if path.name == "world_minimal.json"))
    assert "rlxent-world" in file_text(link)


CHILD = textwrap.dedent("""
    import resource, sys
    from pathlib import Path
    from tests.fuzz.readers import FROM_FILES, refused
    with open("/proc/self/statm") as file:
        size = int(file.read().split()[0]) * resource.getpagesize()
    limit = size + int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for given in sys.argv[2:]:
        kind, name = given.split(":")
        read, wanted = FROM_FILES[kind]
        assert refused(lambda: read(Path(name)), wanted, Path(name)), given
        print(given, flush=True)
""")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="asks /proc for its size")
def test_no_file_fills_the_memory(tmp_path: Path) -> None:
    """A GB of nothing, and the densest files that may be read: within bounds of memory and time."""
    zeros = [sparse(tmp_path / "zeros.json"), sparse(tmp_path / "run.json", RUN.encode())]
    tried = [f"{kind}:{path}" for kind in FROM_FILES for path in zeros]
    dense = [(kind, *parts) for kind in SIZES for parts in DENSER] if LONG else DENSE
    for number, (kind, *parts) in enumerate(dense):
        path = filled(tmp_path / f"{number}.json", *parts, SIZES[kind])
        tried.append(f"{kind}:{path}")
    keys = tmp_path / "keys.json"
    many = ",".join(f'"{number}":1' for number in range(10**5))
    keys.write_text(f'{{{many},"{10**5 - 1}":1}}')
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(MEMORY), *tried, f"run:{keys}"],
        capture_output=True, text=True, timeout=300, check=False,
        cwd=Path(__file__).parents[2], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stdout[-300:] + done.stderr[-3000:]
