"""The worlds that come with what is installed, for those that no program hands them to.

The core does not know where worlds lie.  A package that has some says so by an entry point of the
group ``rlxent.worlds``: an object with ``worlds()``, their names, and ``world_text(name)``.
"""

from __future__ import annotations

from importlib.metadata import entry_points

GROUP = "rlxent.worlds"


class InstalledWorlds:
    """The worlds of every installed package that offers some."""

    def __init__(self) -> None:
        self._packages = [entry.load() for entry in entry_points(group=GROUP)]

    def names(self) -> tuple[str, ...]:
        return tuple(name for package in self._packages for name in package.worlds())

    def text(self, name: str) -> str:
        """The text of the world's file.

        Raises:
            KeyError: when no package has a world of that name.
        """
        for package in self._packages:
            if name in package.worlds():
                return str(package.world_text(name))
        raise KeyError(name)
