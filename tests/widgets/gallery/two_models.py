"""Galleries of two networks that answer the reverse of each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn

from xcnn_widgets import GalleryWidget

from ...models.two_by_hand import colour_net, picture, to_input

RED, GREEN = (4.0, 0.0, 0.0), (0.0, 4.0, 0.0)
PICTURES = {name: picture(seed, 20, 30) for seed, name in enumerate(["a", "b", "c"], 1)}
Make = Callable[..., GalleryWidget]


@contextmanager
def galleries(**usual: Any) -> Iterator[Make]:
    """What makes galleries of the pictures, whose first page is complete; in the end they are closed."""
    made: list[GalleryWidget] = []

    def make(models: Any, **options: Any) -> GalleryWidget:
        given = {"class_names": ["r", "g"], "transform": to_input, **usual, **options}
        made.append(GalleryWidget(models, PICTURES, **given))
        made[-1].wait(60)
        return made[-1]

    try:
        yield make
    finally:
        for each in made:
            each.close()


def nets() -> dict[str, nn.Module]:
    """Two networks, one for red and one for green."""
    return {"before": colour_net(RED, GREEN), "after": colour_net(GREEN, RED)}


def names(gallery: GalleryWidget) -> list[str]:
    """The pictures of the page, once it is complete."""
    gallery.wait(60)
    assert gallery.error == ""
    return [row["name"] for row in gallery.finished_rows()]
