"""What was measured of a gallery's maps, kept with them."""

from __future__ import annotations

from collections.abc import Sequence

from ..study import Ask, Work, numbers_of
from .gallery_atlas import GalleryAtlas


def keep_numbers(
    atlas: GalleryAtlas, work: Work, indices: Sequence[int], ask: Ask, metrics: Sequence[str]
) -> None:
    """Keep with the maps what was measured of them."""
    for index in indices:
        if atlas.likeliest(index) and work.findings.failure(index, ask) is None:
            try:
                target = work.findings.target_class(index, ask.target)
            except ValueError:  # Its label is no class: there is no map of it.
                continue
            numbers = numbers_of(work, index, ask, metrics)
            for method, layer in ask.layers.items():
                told = {name: found[method] for name, found in numbers.items() if method in found}
                if target is not None:
                    atlas.measure(index, (method, layer), target, told)
