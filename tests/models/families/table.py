"""The table of the page `docs/which-models-work.md`: a row a family."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

from . import SPECIMENS, Answer, Specimen

PAGE = Path(__file__).parents[3] / "docs" / "which-models-work.md"
MARKER = (
    "<!-- Below this line the page is written by `python -m tests.models.families --write`. -->"
)

_HEAD = """\
| family | tried | input | layers | the first | its maps | methods | what has to be said |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""


def row(specimen: Specimen, answer: Answer) -> str:
    """The row of a family."""
    height, width = specimen.size
    said = [specimen.said and f"made with `{specimen.said}`"]
    if answer.layers:
        maps = " x ".join(map(str, answer.shape))
        offered, first, methods = str(answer.layers), f"`{answer.default}`", "all"
    else:
        maps = first = ""
        offered, methods = "none", "all without a layer"
        said.append("`layer=` and `reshape=`, for Grad-CAM")
    if not answer.relus:
        methods += "; no ReLU"
    if specimen.library == "transformers" and not answer.knows_pictures:
        said.append("`transform=`, or ImageNet's is taken and a note says so")
    told = "; ".join(filter(None, said)) or "nothing"
    cells = (specimen.family, f"`{specimen.model}`", f"{height} x {width}", offered, first, maps)
    return f"| {' | '.join((*cells, methods, told))} |"


def written(page: str, answers: Mapping[str, Answer]) -> str:
    """A page with its table made anew; what stands above the marker stays."""
    above, marker, _ = page.partition(MARKER)
    if not marker:
        raise ValueError(f"the page has no line {MARKER!r}")
    return f"{above}{MARKER}\n{''.join(_sections(answers))}"


def rows_of(page: str) -> list[str]:
    """The rows of a page's tables."""
    return [line for line in page.partition(MARKER)[2].splitlines() if line.startswith("| ")]


def _sections(answers: Mapping[str, Answer]) -> Iterator[str]:
    for library in ("torchvision", "timm", "transformers"):
        those = [specimen for specimen in SPECIMENS if specimen.library == library]
        yield f"\n## {library} {version(library)}: {len(those)} families\n\n{_HEAD}"
        yield from (f"{row(specimen, answers[specimen.id])}\n" for specimen in those)
