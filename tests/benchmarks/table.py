"""The table that people read, and that is kept: Markdown, a line a row."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version

import torch

import xcnn_widgets as xw

from .measuring import QUESTIONS, meaning
from .rows import Row

_HEADINGS = (
    "question",
    "network",
    "against",
    "ratio",
    "quartiles",
    "expected",
    "met",
    "rounds",
    "ours",
    "theirs",
    "note",
)
_PEERS = ("torch", "torchvision", "captum", "grad-cam", "torchcam", "quantus")
_HOW_TO_READ = (
    "Ratio: the median of the ratios of each round; then their quartiles. Of bare torch and other limits it is ours over "
    "theirs, of peers theirs over ours."
)


def page(rows: Sequence[Row], conditions: Mapping[str, object]) -> str:
    """Lay rows out with what they depend on and what the questions are."""
    met = [row.is_met for row in rows if row.is_met is not None]
    asked = {row.question.split()[0] for row in rows}
    return "\n".join(
        [
            f"# {conditions['device']}",
            "",
            *(f"- {name}: {value}" for name, value in conditions.items()),
            "",
            *_table(rows),
            "",
            f"{sum(met)} of {len(met)} as expected. {_HOW_TO_READ}",
            "",
            *(
                f"- `{question}`: {meaning(question)}"
                for question in QUESTIONS
                if question in asked
            ),
            "",
        ]
    )


def kind(device: str) -> str:
    """The kind of processor or the card: figures of different kinds are not mixed."""
    return (
        torch.cuda.get_device_name()
        if device == "cuda"
        else f"CPU {torch.backends.cpu.get_cpu_capability()}"
    )


def machine(device: str) -> dict[str, object]:
    """What the figures depend on; no names of machines, no paths."""
    found: dict[str, object] = {"device": kind(device)}
    if device == "cuda":
        found |= {
            "CUDA": torch.version.cuda,
            "cuDNN": torch.backends.cudnn.version(),
            "TF32 in convolutions": torch.backends.cudnn.allow_tf32,
        }
    versions = [f"{name} {version(name)}" for name in _PEERS]
    return found | {
        "cores": os.cpu_count(),
        "versions": ", ".join(
            [f"xcnn-widgets {xw.__version__}", f"Python {platform.python_version()}", *versions]
        ),
    }


def _table(rows: Sequence[Row]) -> list[str]:
    lines = [_HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADINGS))]
    lines.insert(1, tuple("-" * width for width in widths))
    return [
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |"
        for line in lines
    ]


def _cells(row: Row) -> tuple[str, ...]:
    sign = "<=" if row.at_most else ">="
    return (
        row.question,
        row.network,
        row.rival,
        _short(row.ratio),
        f"{_short(row.low)}..{_short(row.high)}",
        "" if row.expected is None else f"{sign} {row.expected:g}",
        "" if row.is_met is None else ("yes" if row.is_met else "NO"),
        str(row.rounds),
        f"{_short(row.ours)} {row.unit}",
        f"{_short(row.theirs)} {row.unit}",
        row.note,
    )


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
