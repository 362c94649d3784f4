"""Names of files that nobody has: what is in a folder stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path


class FreeNames:
    """Gives names that are free in a folder, each once.

    Parameters
    ----------
    folder
        The folder; it is there.
    """

    def __init__(self, folder: Path) -> None:
        # On some systems names that differ in their case are one file.
        self._taken = {path.name.casefold() for path in folder.iterdir()}
        self._last: defaultdict[str, int] = defaultdict(lambda: 1)

    def free(self, stem: str, endings: Sequence[str]) -> str:
        """The stem, with a number behind it where one of its files is there already."""
        found = stem
        while any(f"{found}{ending}".casefold() in self._taken for ending in endings):
            self._last[stem] += 1
            found = f"{stem}-{self._last[stem]}"
        self._taken.update(f"{found}{ending}".casefold() for ending in endings)
        return found
