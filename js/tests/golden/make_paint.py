"""Write paint.json: overlays as Python paints them, for the browser's own to be held to.

Usage: python js/tests/golden/make_paint.py
"""

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xcnn_widgets.imaging import (
    DIVERGING_COLORMAP,
    PaintLook,
    colours_of,
    painted_by_heat,
    painted_contours,
    painted_in_colour,
    painted_signed,
)
from xcnn_widgets.imaging.overlays import BLENDS, Blend, colour_strip, colour_table, overlay

FILE = Path(__file__).with_name("paint.json")
SIZE = (9, 14)


def golden() -> dict[str, Any]:
    """A picture, a heatmap, and what becomes of them under several looks."""
    generator = np.random.default_rng(20261128)
    picture = generator.integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    heatmap = generator.random(SIZE, np.float32)
    # The ends, and the values at which the colour changes.
    heatmap.flat[:6] = [0, 1, 0.5, 0.25, 1 / 256, 255 / 256]
    looks: list[tuple[float, float, Blend]] = [
        (opacity, threshold, blend)
        for blend in BLENDS
        for opacity, threshold in ((0.5, 0.0), (0.37, 0.25), (1.0, 0.6))
    ]
    table = colour_table("viridis")
    attribution = generator.normal(size=(3, *SIZE))
    colours, clip = colours_of(attribution)
    signed = (heatmap - np.float32(0.4)) * 3
    base = PaintLook(0.6, "viridis")
    ways = {
        "in colour": lambda look: painted_in_colour(picture, colours, clip, look),
        "positive and negative": lambda look: painted_signed(picture, signed, look),
        "contours": lambda look: painted_contours(picture, heatmap, look),
        "heat": lambda look: painted_by_heat(picture, heatmap, look),
    }
    painted = [
        {
            "style": style,
            "look": {"blend": blend, "threshold": threshold, "topShare": share},
            "alone": _text(found.alone),
            "covering": _text(found.covering),
        }
        for style, paint in ways.items()
        for blend, threshold, share in (("by heat", 0.0, 1.0), ("even", 0.2, 0.3))
        for found in [paint(replace(base, blend=blend, threshold=threshold, top_share=share))]
    ]
    return {
        "colours": _text(colours),
        "clip": clip,
        "signed": _text(signed.astype("<f4")),
        "diverging": _text(colour_table(DIVERGING_COLORMAP)),
        "painted": painted,
        "size": SIZE,
        "picture": _text(picture),
        "heatmap": _text(heatmap.astype("<f4")),
        "table": _text(table),
        "overlays": [
            {
                "look": {"opacity": opacity, "threshold": threshold, "blend": blend},
                "overlay": _text(
                    overlay(picture, heatmap, opacity, "viridis", threshold, blend=blend)
                ),
                "bar": _text(colour_strip("viridis", opacity, 0.0, blend)),
            }
            for opacity, threshold, blend in looks
        ],
    }


def text() -> str:
    """The file's content."""
    return json.dumps(golden(), indent=1) + "\n"


def _text(values: NDArray[Any]) -> str:
    return base64.b64encode(values.tobytes()).decode()


if __name__ == "__main__":
    FILE.write_text(text())
