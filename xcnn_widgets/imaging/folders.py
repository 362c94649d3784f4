"""The picture files of a folder."""

from __future__ import annotations

import os
import re
from pathlib import Path

_SUFFIXES = (
    ".jpg",
    ".jpeg",
    ".jfif",
    ".png",
    ".webp",
    ".bmp",
    ".gif",
    ".tif",
    ".tiff",
    ".ppm",
    ".pgm",
)


def pictures_of_folder(folder: Path) -> tuple[list[str], list[str], list[str | None]]:
    """Find the pictures of a folder, or else those of its subfolders, in natural order.

    Returns
    -------
    paths, names, labels
        A name is a path inside the folder, a label the subfolder's name; None without subfolders.

    Raises
    ------
    ValueError
        If there are none.
    """
    paths = _picture_files(folder)
    labels: list[str | None] = [None] * len(paths)
    if not paths:
        subfolders = sorted((e.name for e in os.scandir(folder) if e.is_dir()), key=natural_order)
        labelled = [
            (path, name)
            for name in subfolders
            if not name.startswith(".")
            for path in _picture_files(folder / name)
        ]
        paths = [path for path, _ in labelled]
        labels = [label for _, label in labelled]
    if not paths:
        raise ValueError(
            f"there is no picture in the folder '{folder}'; looked for {', '.join(_SUFFIXES)}"
        )
    return paths, [os.path.relpath(path, folder) for path in paths], labels


def _picture_files(folder: Path) -> list[str]:
    found = [
        entry
        for entry in os.scandir(folder)
        if entry.name.lower().endswith(_SUFFIXES)
        and not entry.name.startswith(".")
        and entry.is_file()
    ]
    return [entry.path for entry in sorted(found, key=lambda entry: natural_order(entry.name))]


def natural_order(name: str) -> list[tuple[int, int, str]]:
    """What sorts names by text and number: ``cat2`` before ``cat10``."""
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part.casefold())
        for part in re.split(r"(\d+)", name)
        if part
    ]
