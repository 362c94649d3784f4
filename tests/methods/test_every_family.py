"""Right, with nothing configured, on one model of each family of torchvision, timm and transformers."""

from __future__ import annotations

import pytest

from ..models.families import SPECIMENS, TIMM, TRANSFORMERS, Specimen, ask, families_of_timm
from ..models.families.table import PAGE, row, rows_of

# A handful always: residual, of windows, of tokens, of pooled tokens, of two towers, of a wrapper.
ALWAYS = {
    *("timm-resnet", "timm-convnext", "timm-mobilevit", "timm-pit"),
    *("transformers-ViT", "transformers-Swin", "transformers-CLIP", "transformers-Segformer"),
}
# One in five runs with the slow tests, all of them where they are asked for.
SAMPLE = {each.id for each in SPECIMENS[::5]}


def marks_of(specimen: Specimen) -> tuple[pytest.MarkDecorator, ...]:
    if specimen.id in ALWAYS:
        return ()
    return (pytest.mark.slow if specimen.id in SAMPLE else pytest.mark.families,)


@pytest.mark.filterwarnings("ignore::UserWarning:timm", "ignore::FutureWarning")
@pytest.mark.parametrize(
    "specimen",
    [pytest.param(each, id=each.id, marks=marks_of(each)) for each in SPECIMENS],
)
def test_a_family_is_explained_right_and_as_the_page_says(specimen: Specimen) -> None:
    answer = ask(specimen)
    assert row(specimen, answer) in rows_of(PAGE.read_text(encoding="utf-8"))


def test_each_family_has_one_specimen() -> None:
    assert len({each.id for each in SPECIMENS}) == len(SPECIMENS)
    assert {each.family for each in TIMM} == families_of_timm()
    assert len(TRANSFORMERS) >= 25


def test_the_page_has_no_row_of_a_family_that_is_not_asked() -> None:
    rows = rows_of(PAGE.read_text(encoding="utf-8"))
    listed = [line for line in rows if not line.startswith(("| family |", "| --- |"))]
    assert len(listed) == len(SPECIMENS)
