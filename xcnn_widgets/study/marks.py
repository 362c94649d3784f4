"""What a model found in a picture and where: boxes, or the regions of its classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .exploration import Exploration

# More lie over each other.
_MOST_BOXES = 20


def marks_state(exploration: Exploration, index: int) -> dict[str, Any] | None:
    """What to draw over a picture, as a page takes it.

    Returns
    -------
    dict or None
        Of a detector ``boxes``, each with its ``index``, its ``edges`` (left, top, right and lower, in
        pixels) and a ``text``. Of a segmentation network ``regions``: the class of each cell, as bytes
        (255: none), with their ``shape``. None of other models.
    """
    boxes, regions = exploration.said.boxes(index), exploration.said.regions(index)
    if boxes is not None:
        found = exploration.predictions(index, _MOST_BOXES)
        return {
            "boxes": [
                {
                    "index": each.index,
                    "edges": boxes.boxes[each.index].detach().tolist(),
                    "text": f"{each.name} {each.text}",
                }
                for each in found
                if each.index < len(boxes)
            ]
        }
    if regions is None or regions.predicted.ndim != 3 or regions.classes > 255:
        return None
    classes = regions.predicted[0].cpu().numpy().astype(np.int64)
    return {
        "regions": np.where(classes < 0, 255, classes).astype(np.uint8).tobytes(),
        "shape": list(classes.shape),
    }
