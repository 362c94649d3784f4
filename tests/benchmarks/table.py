"""The table that people read, and the JSON that is kept."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import torch

from .rows import Row

_HEADINGS = (
    "question",
    "network",
    "against",
    "ratio",
    "quartiles",
    "must",
    "met",
    "aim",
    "ours",
    "theirs",
    "called",
    "details",
)
_SIGNS = {"at_most": "<=", "at_least": ">="}


def table(rows: Sequence[Row], left_out: Sequence[str] = ()) -> str:
    """Lay rows out in columns, with lines on how to read them and on what was left out."""
    lines = [_HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADINGS))]
    text = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    text.insert(1, "  ".join("-" * width for width in widths))
    must = [row.met for row in rows if row.met is not None]
    aim = [row.reached for row in rows if row.reached is not None]
    text += [
        "",
        "ratio: of medians; x<= is ours over theirs, x>= theirs over ours. quartiles: of the ratios of each round.",
        "growth: the ratio is a slope, 1 for linear and 0 for flat. to pixels: ours is the 95th percentile.",
        *left_out,
        f"{sum(must)} of {len(must)} bounds met, {sum(aim)} of {len(aim)} aims reached.",
    ]
    return "\n".join(text)


def save(rows: Iterable[Row], path: Path, conditions: dict[str, object], device: str) -> None:
    """Write rows and the machine they were measured on as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"machine": machine(device) | conditions, "rows": [_rounded(row) for row in rows]}
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def load(path: Path) -> list[Row]:
    """Read the rows of a file that `save` wrote."""
    return [Row(**row) for row in json.loads(path.read_text(encoding="utf-8"))["rows"]]


def replaced(rows: Iterable[Row], newer: Sequence[Row]) -> list[Row]:
    """Rows without those that were measured anew, and the newer ones, network by network."""
    anew = {(row.question, row.network, row.rival) for row in newer}
    kept = [row for row in rows if (row.question, row.network, row.rival) not in anew]
    together = [*kept, *newer]
    networks = list(dict.fromkeys(row.network for row in together))
    return sorted(together, key=lambda row: networks.index(row.network))


def card() -> str:
    """The name of the graphics card."""
    return torch.cuda.get_device_name()


def machine(device: str) -> dict[str, object]:
    """What the figures depend on; no names of machines, no paths."""
    found: dict[str, object] = {"device": device}
    if device == "cuda":
        found = {
            "device": card(),
            "cuda": torch.version.cuda,
            "cudnn": torch.backends.cudnn.version(),
            "tf32 convolutions": torch.backends.cudnn.allow_tf32,
            "tf32 products": torch.backends.cuda.matmul.allow_tf32,
        }
    return found | {
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {
            name: version(name)
            for name in ("torch", "torchvision", "captum", "grad-cam", "torchcam")
        },
    }


def _cells(row: Row) -> tuple[str, ...]:
    sign = _SIGNS[row.side]
    return (
        row.question,
        row.network,
        row.rival,
        _short(row.ratio),
        f"{_short(row.low)}..{_short(row.high)}",
        "" if row.must is None else f"{sign} {row.must:g}",
        "" if row.met is None else ("yes" if row.met else "NO"),
        "" if row.aim is None else f"{sign} {row.aim:g} {'yes' if row.reached else 'no'}",
        f"{_short(row.ours)} {row.unit}",
        f"{_short(row.theirs)} {row.unit}",
        row.rival_called,
        ", ".join(f"{name} {_short(value)}" for name, value in row.details.items()),
    )


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _rounded(row: Row) -> dict[str, object]:
    return {key: _significant(value) for key, value in row.as_dict().items()}


def _significant(value: object) -> object:
    if isinstance(value, dict):
        return {key: _significant(each) for key, each in value.items()}
    return float(f"{value:.5g}") if isinstance(value, float) else value
