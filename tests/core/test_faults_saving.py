"""A file is whole whatever happens while it is written: refused, or killed, at any moment."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from rlxent_core import world_file
from rlxent_core.atomic_file import write_whole
from rlxent_core.world import WALL_TILE, World
from tests.broken_disk import Disk

OLD, NEW = "old" * 5000, "new" * 6000


def attempts(
    path: Path, fails: Callable[[int, int], bool], error: int = errno.ENOSPC
) -> list[tuple[str, bool]]:
    """Write at every k: (what was refused first, whether the write said so), until nothing is."""
    found = []
    for k in range(1, 100):
        path.write_text(OLD)
        disk = Disk(lambda operation, k=k: fails(operation, k), error)
        with disk.plugged_in():
            try:
                write_whole(path, NEW)
                told = 0
            except OSError as raised:
                told = raised.errno
        assert told in (0, error)
        if not disk.refused:
            assert path.read_text() == NEW
            return found
        assert path.read_text() == (OLD if told else NEW)
        found.append((disk.refused[0], told > 0))
    raise AssertionError("it never ended")


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EACCES])
def test_every_operation_can_be_refused(tmp_path: Path, error: int) -> None:
    """At the k-th for every k: the old file or the new one, told truly, and nothing beside it."""
    path = tmp_path / "maze.json"
    found = attempts(path, lambda operation, k: operation == k, error)
    names = [name for name, _ in found]
    assert {"open a file", "write", "flush", "fsync", "close the file", "replace"} <= set(names)
    untold = [name for name, told in found[: names.index("replace")] if not told]
    assert untold == ["stat", "chmod"]  # to copy the mode, which is not worth a save
    assert not any(told for _, told in found[names.index("replace") + 1 :])
    assert os.listdir(tmp_path) == ["maze.json"]


def test_a_disk_that_refuses_everything_from_some_moment_on(tmp_path: Path) -> None:
    """Not even what was begun can be cleared away; the old file is whole, and the cause told."""
    path = tmp_path / "maze.json"
    found = attempts(path, lambda operation, k: operation >= k)
    assert [told for _, told in found].count(True) >= 6


def test_a_write_protected_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever made it read-only meant it; root, who may do everything, is played not to."""
    path = tmp_path / "maze.json"
    path.write_text(OLD)
    path.chmod(0o444)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(PermissionError):
        write_whole(path, NEW)
    assert path.read_text() == OLD
    assert os.listdir(tmp_path) == ["maze.json"]


KILLED = textwrap.dedent("""
    # Kills what saves, again and again; prints how often it found which of the two worlds.
    import os, random, signal, sys, time
    from pathlib import Path
    from rlxent_core import world_file
    from rlxent_core.world import WALL_TILE, Tile, World

    path, times, dice = Path(sys.argv[1]), int(sys.argv[2]), random.Random(5)
    first = World(map=("S" + "." * 39,) + ("." * 40,) * 39, tiles={"S": Tile(start=1)})
    second = first.with_tiles({(r, 5): WALL_TILE for r in range(40)})
    world_file.write_file(first, path)
    seen = {first: 0, second: 0}
    for _ in range(times):
        child = os.fork()
        if child == 0:
            while True:
                world_file.write_file(second, path)
                world_file.write_file(first, path)
        time.sleep(dice.uniform(0, 0.02))
        os.kill(child, signal.SIGKILL)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL
        seen[world_file.read_file(path)] += 1
    world_file.write_file(second, path)
    assert world_file.read_file(path) == second
    print(*seen.values())
""")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes by the hundred")
def test_killed_two_hundred_times_while_saving(tmp_path: Path) -> None:
    """The file is always the one world or the other; what is left beside it is hidden."""
    path = tmp_path / "maze.json"
    command = [sys.executable, "-c", KILLED, str(path), "200"]
    ran = subprocess.run(command, timeout=120, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    first, second = map(int, ran.stdout.split())
    assert first + second == 200
    assert min(first, second) > 0
    beside = [name for name in os.listdir(tmp_path) if name != "maze.json"]
    assert all(name.startswith(".maze.json.") and name.endswith(".tmp") for name in beside)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the child dies of the signal")
@pytest.mark.parametrize("there", [True, False], ids=["a file is there", "a new file"])
def test_killed_at_every_operation(tmp_path: Path, there: bool) -> None:
    """Right before the k-th, for every k: the old file whole, or the new one."""
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from rlxent_core.atomic_file import write_whole
        from tests.broken_disk import killed_at

        path, there = Path(sys.argv[1]), sys.argv[2] == "True"
        results = []
        for k in range(1, 100):
            path.unlink(missing_ok=True)
            if there:
                path.write_text("old" * 5000)
            status = killed_at(k, lambda: write_whole(path, "new" * 6000))
            text = path.read_text() if path.exists() else ""
            results.append({"": "none", "old" * 5000: "old", "new" * 6000: "new"}[text])
            if status == 0:
                break
        print(*results)
    """)
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), *sys.path])}
    command = [sys.executable, "-c", script, str(tmp_path / "maze.json"), str(there)]
    ran = subprocess.run(
        command, timeout=60, capture_output=True, text=True, check=False, env=environment
    )
    assert ran.returncode == 0, ran.stderr
    results = ran.stdout.split()
    before = "old" if there else "none"
    switch = results.index("new")
    assert results == [before] * switch + ["new"] * (len(results) - switch)
    assert switch >= 7


def test_two_that_save_at_once_do_not_mix(tmp_path: Path) -> None:
    """Each file that ever appears is one of the two whole ones."""
    path = tmp_path / "maze.json"
    world = World(map=("...",))
    other = world.with_tiles({(0, 1): WALL_TILE})
    worlds = {world_file.write_text(world), world_file.write_text(other)}
    script = (
        "import sys; from rlxent_core.atomic_file import write_whole\n"
        "for _ in range(300): write_whole(sys.argv[1], sys.argv[2])"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(path), text]) for text in worlds
    ]
    while any(process.poll() is None for process in running):
        if path.exists():
            assert path.read_text() in worlds
    assert [process.wait() for process in running] == [0, 0]
    assert os.listdir(tmp_path) == ["maze.json"]
