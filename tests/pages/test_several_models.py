"""Views of several models on a page: each with what there is to choose of it, a picture once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from xcnn_widgets import ExplainerWidget
from xcnn_widgets.study import Choice

from ..models.two_by_hand import colour_net, picture, to_input

RED, GREEN = (4.0, 0.0, 0.0), (0.0, 4.0, 0.0)


@pytest.fixture
def widget() -> Iterator[ExplainerWidget]:
    nets = {"before": colour_net(RED, GREEN), "after": colour_net(GREEN, RED)}
    made = ExplainerWidget(
        nets, {"one": picture(1), "two": picture(2)}, ["r", "g"], transform=to_input
    )
    yield made
    made.wait(60)
    made.close()


def test_views_of_all_models_are_saved_and_a_picture_that_both_are_given_once(
    widget: ExplainerWidget,
) -> None:
    widget.precompute()
    saved = widget.page_state()["_atlas"]
    assert saved["version"] == 2 and list(saved["models"]) == ["before", "after"]
    before, after = saved["models"].values()
    assert {entry["target"]["name"] for entry in after["entries"]} == {"r", "g"}
    assert len(before["entries"]) == len(after["entries"])
    assert all(image["picture"]["data"] for image in before["images"])
    assert [image["picture"]["of"] for image in after["images"]] == ["before", "before"]
    assert before["facts"]["class_names"] == ["r", "g"] and after["facts"]["class_names"] is None
    assert [layer["name"] for layer in after["facts"]["layers"]] == ["relu"]


def test_what_stands_on_the_page_is_saved_for_both_models(widget: ExplainerWidget) -> None:
    state = widget.page_state()
    shown = widget.shown.choice
    assert state["_beside"]["model"] == "after"
    for name in widget.models.names:
        asked = Choice(
            0,
            "grad_cam",
            "relu",
            widget.shown.map["target"]["index"],
            shown.patch,
            shown.stride,
            name,
        )
        assert widget._saved.get(asked) is not None


def test_views_can_be_saved_of_some_models(widget: ExplainerWidget) -> None:
    widget.precompute(models=["after"], targets=["r"], methods=["grad_cam"])
    assert list(widget._saved.state()["models"]) == ["after"]
    with pytest.raises(ValueError, match="models holds 'later'"):
        widget.precompute(models=["later"])
