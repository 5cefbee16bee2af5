"""What README and the check script say of each other."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_readme_names_every_debian_package() -> None:
    """The packages that .ci/run installs are those README tells to install, no more, no fewer."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    command = readme.split("apt-get install ", 1)[1].split("```", 1)[0]
    named = set(command.replace("\\", " ").split())
    assert named == set((ROOT / ".ci" / "debian-packages").read_text(encoding="utf-8").split())


@pytest.mark.parametrize("command", ["install -e .", 'install -e ".[test]"', "python -m pytest"])
def test_the_check_script_runs_readmes_commands(command: str) -> None:
    """What README has people run, the script runs."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    script = script.replace('"$venv/bin/python"', "python").replace("install -q", "install")
    assert command in readme
    assert command in script


@pytest.mark.skipif(sys.platform == "win32", reason="files have no executable bit there")
def test_the_check_script_can_be_run() -> None:
    """It is executable where that is a property of files."""
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
