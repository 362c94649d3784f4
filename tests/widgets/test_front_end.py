"""Script and styles are held once, however many widgets a kernel has."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import comm
import pytest
from ipykernel.kernelapp import IPKernelApp
from ipywidgets.embed import dependency_state, embed_snippet

from xcnn_widgets.pages import html
from xcnn_widgets.widgets.brush import OcclusionBrush
from xcnn_widgets.widgets.explorer.widget import ExplainerWidget
from xcnn_widgets.widgets.front_end import FrontEnd
from xcnn_widgets.widgets.gallery.widget import GalleryWidget

from .conftest import NAMES, RecordingComm, to_input


@pytest.fixture
def ipykernel(sent, monkeypatch):
    """As if ipykernel ran this process and made its comms; they go nowhere."""

    def create_comm(**options: Any) -> RecordingComm:
        return RecordingComm(**options)

    create_comm.__module__ = "ipykernel.ipkernel"
    monkeypatch.setattr(comm, "create_comm", create_comm)
    IPKernelApp.instance()
    yield
    IPKernelApp.clear_instance()


@pytest.fixture
def explorer(model, pictures, ipykernel):
    made = []

    def explorer() -> Any:
        made.append(ExplainerWidget(model, pictures, NAMES, transform=to_input))
        return made[-1]

    yield explorer
    for widget in made:
        widget.close()


def test_all_widgets_of_a_kernel_share_one_front_end(explorer, model, pictures):
    one = explorer()
    gallery = GalleryWidget(model, pictures, NAMES, transform=to_input)
    brush = OcclusionBrush(model, pictures, NAMES, transform=to_input)
    assert one._front_end is gallery._front_end is brush._front_end
    assert [each._view for each in (one, gallery, brush)] == ["explainer", "gallery", "brush"]
    assert "showAll" in one._front_end._script
    assert ".xcnn" in one._front_end._styles
    gallery.close()
    brush.close()


def test_where_no_ipykernel_runs_each_widget_brings_all(model, pictures, sent):
    widget = ExplainerWidget(model, pictures, NAMES, transform=to_input)
    state = widget.get_state()
    assert state["_front_end"] is None
    assert state["_view"] == "explainer"
    assert state["_esm"].rpartition("export default ")[2].startswith("xcnn.widget(")
    assert ".xcnn-layout" in state["_esm"]
    assert not {"_script", "_css"} & state.keys()
    widget.close()


@pytest.mark.parametrize("maker", ["marimo._plugins.ui", "solara.server", "comm"])
def test_comms_of_another_host_share_nothing_even_in_ipykernel(
    model, pictures, ipykernel, monkeypatch, maker
):
    create_comm = comm.create_comm
    monkeypatch.setattr(create_comm, "__module__", maker)
    widget = ExplainerWidget(model, pictures, NAMES, transform=to_input)
    assert widget._front_end is None
    assert "xcnn.widget(" in widget._esm
    widget.close()


def test_once_the_front_end_was_closed_the_next_widget_gets_another_with_the_same_key(explorer):
    before = explorer()._front_end
    before.close()
    after = explorer()._front_end
    assert after is not before
    assert after.comm is not None
    assert after._key == before._key


def test_a_widget_that_comes_back_to_the_page_finds_a_front_end_that_is_open(explorer):
    widget = explorer()
    widget._rest()
    FrontEnd.shared().close()
    widget._repr_mimebundle_()
    assert widget._front_end is FrontEnd.shared()
    assert widget.get_state()["_front_end"] == f"IPY_MODEL_{FrontEnd.shared().model_id}"


def test_threads_that_need_the_first_front_end_at_once_get_the_same(explorer):
    FrontEnd.shared().close()
    with ThreadPoolExecutor(8) as threads:
        got = list(threads.map(lambda _: FrontEnd.shared(), range(8)))
    assert len(set(map(id, got))) == 1


def test_the_message_that_opens_a_widget_carries_no_front_end(explorer, sent):
    widget = explorer()
    opening = sent(widget)[0]
    own = {key: value for key, value in opening["state"].items() if key.startswith("_")}
    assert len(str(own["_esm"])) < 2_500
    assert own["_front_end"].startswith("IPY_MODEL_")
    assert "_css" not in own
    texts = json.dumps(opening, default=lambda _: "")
    assert len(texts) < 20_000


def test_the_front_end_goes_to_the_page_before_the_widget(explorer, monkeypatch):
    opened: list[str] = []
    publish = RecordingComm.publish_msg

    def noted(self: Any, msg_type: str, data: Any = None, *rest: Any, **keys: Any) -> None:
        if msg_type == "comm_open":
            opened.append(data["state"].get("_anywidget_id", ""))
        publish(self, msg_type, data, *rest, **keys)

    monkeypatch.setattr(RecordingComm, "publish_msg", noted)
    FrontEnd.shared().close()
    explorer()
    ours = [name.rpartition(".")[2] for name in opened if name]
    assert ours == ["FrontEnd", "ExplainerWidget"]


def test_a_page_that_ipywidgets_writes_holds_it_once(explorer):
    one, other = explorer(), explorer()
    page = embed_snippet(views=[one, other], state=dependency_state([one, other]))
    assert page.count('"_key"') == 1
    assert page.count('"_script"') == 1
    # A page knows no defaults, so none of what the widget has may be left out.
    saved = dependency_state([one], drop_defaults=True)[one.model_id]
    assert {"method", "opacity", "_esm", "_view"} <= set(saved["state"])
    # Bytes stand beside the state.
    names = set(saved["state"]) | {buffer["path"][0] for buffer in saved["buffers"]}
    assert names == set(one.get_state())


def test_a_front_end_that_is_not_built_says_how_to_build_it(monkeypatch, tmp_path):
    monkeypatch.setattr(html, "STATIC", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"front_end\.js is not built.*make lab"):
        FrontEnd()
