"""Benchmarks are collected only when asked for: ``python -m pytest tests/benchmarks -n 0 -s``."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Collect ``bench_*.py`` when this folder was named on the command line."""
    asked = any("benchmarks" in str(argument) for argument in parent.config.args)
    by_name = parent.session.isinitpath(file_path)  # then pytest collects it itself
    if file_path.match("bench_*.py") and asked and not by_name:
        return pytest.Module.from_parent(parent, path=file_path)
    return None
