"""Write gallery.json: what a gallery with a kernel makes of choices, for its page without one to be held to.

Usage: python js/tests/golden/make_gallery.py
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import xcnn_widgets as xw
from xcnn_widgets.pages.html import in_json
from xcnn_widgets.widgets.gallery.view import CHOICES

FILE = Path(__file__).with_name("gallery.json")
COLOURS = ["red", "green", "blue"]
# Each is what a browser sends at once.
STEPS: list[dict[str, Any]] = [
    {"page": 1},
    {"page_size": 2},
    {"page": 3},
    {"order": "confidence"},
    {"page": 1},
    {"order": "least_confident"},
    {"order": "wrong"},
    {"order": "disagreement"},
    {"page": 1},
    {"methods": ["guided_grad_cam", "grad_cam"]},
    {"layer": "0"},
    {"methods": ["saliency", "guided_backprop"]},
    {"page": 1},
    {"layer": "3"},
    {"methods": ["saliency"]},
    {"methods": ["grad_cam", "saliency"], "page_size": 5},
    {"show": "wrong"},
    {"show": "right", "order": "confidence"},
    {"show": "all", "show_class": 1},
    {"show_class": None, "show_text": " STRASSE"},
    {"show_text": "nowhere"},
    {"show_text": "", "show_label": 2},
    {"show_label": 0, "show_class": 1},
    {"show_label": None, "show_class": None, "order": "given"},
    {"show_value": [0.4, 0.7]},
    {"show_value": [0.7, None], "order": "confidence"},
    {"show_value": None, "show_disagreement": [0.0, 0.5]},
    {"show_disagreement": [0.5, None], "show": "wrong"},
    {"methods": ["grad_cam"]},
    {"methods": ["saliency", "grad_cam"], "show_disagreement": [0.3, 1.0], "layer": "0"},
    {"show_disagreement": [1.99, 2.0]},
    {"show": "all", "show_disagreement": None, "order": "given", "layer": "3"},
    {"target": "label"},
    {"target": 2},
    {"selected": 5},
    {"rows": "layers"},
    {"target": "label", "image_index": 3},
    {"image_index": 4},
    {"image_index": 2, "target": "predicted"},
    {"rows": "classes"},
    {"layer": "0", "selected": 1},
    {"rows": "pictures"},
    {"selected": None, "page": 1},
]


class Colours(nn.Sequential):
    """Three classes from two convolutions, whose weights are spelled out; black has no scores."""

    def __init__(self) -> None:
        convolutions = [nn.Conv2d(3, 3, 3, padding=1, bias=False) for _ in range(2)]
        with torch.no_grad():
            for step, convolution in zip((37, 29), convolutions, strict=True):
                places = torch.arange(81)
                # Round numbers alone would cancel each other out, and rounding would then decide on ranks.
                levels = (places * step % 23 - 10) / 40 + places.sin() / 50
                convolution.weight.copy_(levels.reshape(3, 3, 3, 3))
                convolution.weight[:, :, 1, 1] += torch.eye(3)
        pool = nn.AvgPool2d(2)
        super().__init__(convolutions[0], nn.ReLU(), pool, convolutions[1], nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        scores = 10 * super().forward(x).mean((2, 3))
        return torch.where((x.amax((1, 2, 3)) == 0)[:, None], torch.nan, scores)


def main() -> None:
    """Write what is saved on a page, and what each step leads to."""
    gallery = opened()
    gallery.precompute(targets=["predicted", "label", "likeliest", "blue"], layers=["0", "3"])
    state = json.loads(in_json(gallery.page_state()))
    del state["_colormaps"]
    gallery.close()
    # One that has computed nothing ahead.
    gallery = opened()
    steps = [json.dumps(step) for step in played(gallery)]
    text = (
        f'{{"state": {json.dumps(state, sort_keys=True)},\n"steps": [\n'
        + ",\n".join(steps)
        + "\n]}\n"
    )
    FILE.write_text(text, encoding="utf-8")
    gallery.close()


def opened() -> xw.GalleryWidget:
    """Seven pictures, wider than high, of which one cannot be read and one not be explained."""
    pictures: dict[str, Any] = {
        "ant": blob(200, 40, 30),
        "bee Straße": blob(90, 160, 60),
        "cow strasse": blob(30, 60, 210),
        "dog": blob(130, 150, 120),
        "elk": b"no picture",
        "fox": blob(220, 60, 180),
        "gnu": np.zeros((12, 20, 3), np.uint8),
    }
    labels = ["red", "red", "blue", "dragon", None, "blue", "red"]
    return xw.GalleryWidget(
        Colours(),
        pictures,
        COLOURS,
        labels=labels,
        transform=lambda picture: (
            torch.from_numpy(np.array(picture) / 255).permute(2, 0, 1).float()
        ),
        layers=["0", "3"],
        layer="3",
        page_size=3,
        exact=True,
    )


def blob(*colour: int) -> Any:
    """A patch of a colour whose place and softness depend on it, on grained ground."""
    y, x = np.mgrid[:12, :20]
    grain = np.stack([(7 * y + (11 + 2 * c) * x + colour[c]) % 41 for c in range(3)], axis=2)
    away = np.hypot(y - colour[0] % 12, x - colour[1] % 20)
    weight = np.exp(-away / (2 + colour[2] % 7))[:, :, None]
    return (weight * np.array(colour) + grain).clip(0, 255).astype(np.uint8)


def played(gallery: xw.GalleryWidget) -> Iterator[dict[str, Any]]:
    """The steps one after the other, each with what the gallery then shows."""
    for step in STEPS:
        gallery.set_state(step)
        with suppress(Exception):
            gallery.wait(60)
        yield {"step": step, **seen(gallery)}


def seen(gallery: xw.GalleryWidget) -> dict[str, Any]:
    """Choices, page and rows, with numbers that no processor changes."""
    page = dict(gallery.get_state(["_page"])["_page"])
    del page["generation"]
    rows = [gallery.row(place) for place in range(page["rows"])]
    return {
        "choices": gallery.get_state([*CHOICES, "selected"]),
        "page": page,
        "error": gallery.error,
        "status": gallery.status,
        "distributions": gallery._summary and gallery._summary["distributions"],
        "rows": [told(row) for row in rows if row is not None],
    }


def told(row: dict[str, Any]) -> dict[str, Any]:
    """A row without its bytes."""
    words = ("index", "name", "title", "label", "right", "error", "size")
    number = row["disagreement"]
    return {
        **{word: row[word] for word in words},
        "prediction": row["prediction"] and row["prediction"]["name"],
        "disagreement": None if number is None else round(number, 4),
        "maps": {
            name: [state["layer"], state["target"]["name"], state["shape"]]
            for name, state in row["maps"].items()
        },
    }


if __name__ == "__main__":
    main()
