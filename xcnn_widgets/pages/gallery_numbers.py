"""What was measured of a gallery's maps, kept with them."""

from __future__ import annotations

from collections.abc import Sequence

from ..study import Ask, Work, column, numbers_in_columns
from .gallery_atlas import GalleryAtlas


def keep_numbers(
    atlas: GalleryAtlas, work: Work, indices: Sequence[int], ask: Ask, metrics: Sequence[str]
) -> None:
    """Keep with the maps what was measured of them, of all models."""
    for index in indices:
        if atlas.likeliest(index) and work.findings.failure(index, ask) is None:
            try:
                target = work.findings.target_class(index, ask.target)
            except ValueError:  # Its label is no class: there is no map of it.
                continue
            if target is None:
                continue
            for model in (None, *(other.name for other in work.others)):
                numbers = numbers_in_columns(work, model, [index], ask, metrics)[index]
                for method, layer in ask.layers.items():
                    name = method if model is None else column(method, model)
                    told = {metric: by[name] for metric, by in numbers.items() if name in by}
                    atlas.measure(index, (name, layer), target, told)
