"""Write resize.json and volume.json: resizing as torch does it, for the browser's own to be held to.

Usage: python js/tests/golden/make_golden.py
"""

import json
from pathlib import Path

import torch
from torch.nn.functional import interpolate

SHAPES = [
    ((3, 2), (6, 4)),
    ((7, 5), (11, 13)),
    ((1, 5), (4, 12)),
    ((5, 1), (12, 3)),
    ((1, 1), (3, 2)),
    ((9, 12), (4, 5)),
    ((4, 6), (4, 6)),
    ((5, 9), (8, 3)),
    ((7, 7), (224, 224)),
]
VOLUMES = [
    ((2, 3, 2), (5, 6, 4)),
    ((1, 3, 5), (4, 7, 12)),
    ((5, 2, 1), (3, 5, 4)),
    ((3, 6, 9), (5, 12, 18)),
    ((2, 7, 7), (16, 112, 112)),
]
MOST_WRITTEN = 160


def main() -> None:
    """Write the values of every shape, of the large ones only some positions."""
    for name, shapes in {"resize": SHAPES, "volume": VOLUMES}.items():
        generator = torch.Generator().manual_seed(20261123)
        cases = [case(shape, size, generator) for shape, size in shapes]
        text = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
        Path(__file__).with_name(f"{name}.json").write_text(f"[\n{text}\n]\n")


def case(
    shape: tuple[int, ...], size: tuple[int, ...], generator: torch.Generator
) -> dict[str, object]:
    """One grid of bytes, the shape it is resized to, and values at some positions of the result."""
    grid = torch.randint(0, 256, shape, generator=generator).double()
    mode = "bilinear" if len(size) == 2 else "trilinear"
    resized = interpolate(grid[None, None], size=size, mode=mode, align_corners=False)
    flat = resized.flatten()
    positions = range(0, len(flat), max(1, len(flat) // MOST_WRITTEN))
    return {
        "shape": shape,
        "size": size,
        "grid": [int(value) for value in grid.flatten()],
        "positions": list(positions),
        "values": [round(float(flat[position]), 6) for position in positions],
    }


if __name__ == "__main__":
    main()
