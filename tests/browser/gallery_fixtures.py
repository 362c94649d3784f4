"""From cells to a gallery on a page; imported by conftest.py, where pytest finds them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from .explorer import read_png
from .gallery import Gallery
from .gallery_pictures import PREPARE
from .lab import Lab
from .server import Kernel, Server

Drawn = list[dict[str, NDArray[np.uint8]]]


@pytest.fixture(scope="session")
def gallery_kernel(kernel: Kernel) -> Kernel:
    """The shared kernel, with pictures for a gallery made."""
    kernel.run(PREPARE)
    return kernel


@pytest.fixture
def show_gallery(
    request: pytest.FixtureRequest, lab: Lab, server: Server, gallery_kernel: Kernel
) -> Iterator[Callable[..., Gallery]]:
    """From cells to the gallery that they show: `w`, in the shared kernel."""

    def show(*cells: str, complete: bool = True) -> Gallery:
        name = re.sub(r"\W+", "-", request.node.name)
        path = server.write_notebook(name, *(cells or ["w = gallery(); w"]))
        lab.open(path, gallery_kernel.identity)
        lab.run_all()
        gallery = gallery_of(lab)
        expect(gallery.root).to_be_visible()
        if complete:
            gallery.expect_complete()
        return gallery

    yield show
    gallery_kernel.run("GATE.open(); ipywidgets.Widget.close_all()")


@pytest.fixture
def drawn(gallery_kernel: Kernel) -> Callable[..., Drawn]:
    """What Python draws of the page of `w`: for each row the picture, and a tile for each method."""

    def drawn(**look: Any) -> Drawn:
        rows = gallery_kernel.ask(f"drawn(w, **{look!r})")
        return [{k: read_png(base64.b64decode(v)) for k, v in row.items()} for row in rows]

    return drawn


def gallery_of(lab: Lab) -> Gallery:
    """Return the gallery of the notebook in front."""
    gallery = lab.page.locator(".xcnn:has(> .xcnn-gallery)")
    return Gallery(lab.page, gallery.first)
