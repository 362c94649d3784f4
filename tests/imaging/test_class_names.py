"""Names and indices of classes find each other, or an error shows the way."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from xcnn_widgets.imaging.class_names import ClassNames

# What the search boxes on pages are held to as well.
GOLDEN = json.loads(
    (Path(__file__).parents[2] / "js/tests/golden/class_matches.json").read_text(encoding="utf-8")
)

NAMES = ["tabby", "tiger cat", "crane", "Egyptian cat", "crane", "Crane fly"]


def test_a_name_is_found_by_its_index_and_back() -> None:
    names = ClassNames(NAMES)
    assert [names.name(i) for i in range(6)] == NAMES
    assert [names.index(name) for name in ("tabby", "Egyptian cat")] == [0, 3]
    assert len(names) == 6


def test_case_matters_only_where_it_decides() -> None:
    assert ClassNames(NAMES).index("EGYPTIAN CAT") == 3
    names = ClassNames(["Polish", "polish"])
    assert (names.index("polish"), names.index("Polish")) == (1, 0)
    with pytest.raises(ValueError, match="2 classes are named 'POLISH': 0, 1"):
        names.index("POLISH")


def test_a_name_of_two_classes_is_an_error_that_lists_them() -> None:
    with pytest.raises(ValueError, match="2 classes are named 'crane': 2, 4; give the index"):
        ClassNames(NAMES).index("crane")


def test_each_of_torchvisions_imagenet_names_leads_back_to_its_index() -> None:
    from torchvision.models import ResNet18_Weights

    names = ClassNames(ResNet18_Weights.DEFAULT.meta["categories"])
    assert [names.index(name) for name in names.as_list()] == list(range(1000))
    assert names.index("TABBY") == 281


def test_a_class_without_a_name_is_called_by_its_index() -> None:
    names = ClassNames({2: "two", 7: "seven"})
    assert [names.name(i) for i in (0, 2, 900)] == ["class 0", "two", "class 900"]
    assert names.index("class 900") == 900
    assert ClassNames(None).name(17) == "class 17"
    assert ClassNames(None).index("class 17") == 17
    with pytest.raises(ValueError, match="no class 'class 2'"):
        names.index("class 2")


def test_the_list_has_one_name_for_each_class() -> None:
    assert ClassNames({2: "two"}).as_list() == ["class 0", "class 1", "two"]
    assert ClassNames(["a"]).as_list(3) == ["a", "class 1", "class 2"]
    assert ClassNames(None).as_list() == []


def test_an_unknown_name_suggests_those_that_are_close() -> None:
    names = ClassNames(NAMES)
    with pytest.raises(ValueError, match=re.escape("no class 'tabbi'; did you mean 'tabby'?")):
        names.index("tabbi")
    with pytest.raises(ValueError, match="did you mean 'tiger cat' or 'Egyptian cat'"):
        names.index("cat")
    with pytest.raises(ValueError, match="6 named classes, such as 'tabby'"):
        names.index("zzz")
    with pytest.raises(ValueError, match="pass class_names"):
        ClassNames(None).index("tabby")


def test_a_search_finds_parts_of_names_and_beginnings_first() -> None:
    names = ClassNames(NAMES)
    assert names.matches("CAT") == [1, 3]
    assert names.matches("t") == [0, 1, 3]
    assert names.matches("crane") == [2, 4, 5]
    assert names.matches("", limit=2) == [0, 1]
    assert names.matches("zebra") == []


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["query"])
def test_a_search_finds_what_it_finds_on_a_page(case: dict[str, Any]) -> None:
    names = ClassNames(GOLDEN["names"])
    assert names.matches(case["query"], likeliest=case["likeliest"]) == case["found"]


def test_words_are_suggested_before_spellings_and_the_likeliest_first() -> None:
    names = ClassNames(["crate", "castle", "oystercatcher", "tiger cat", "cart", "tabby cat"])
    with pytest.raises(ValueError, match="did you mean 'tiger cat' or 'tabby cat' or"):
        names.index("cat")
    with pytest.raises(ValueError, match="did you mean 'tabby cat' or 'tiger cat' or"):
        names.index("cat", likeliest=[4, 5])


@pytest.mark.parametrize(
    ("names", "hint"),
    [
        ("tabby", "is a str"),
        (5, "is a int"),
        ({"tabby": 0}, "turn it round"),
        ({"0": "tabby"}, "int keys"),
        ([1, 2], "class 0 is named 1"),
        ({True: "tabby"}, "int keys"),
    ],
)
def test_names_of_the_wrong_kind_are_refused(names: object, hint: str) -> None:
    with pytest.raises(TypeError, match=hint):
        ClassNames(names)  # type: ignore[arg-type]


def test_a_negative_index_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        ClassNames(NAMES).name(-1)
    with pytest.raises(ValueError, match="-1"):
        ClassNames({-1: "a"})
