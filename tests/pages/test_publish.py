"""`python -m xcnn_widgets publish`: what is on the page, and what is said when there is none."""

from __future__ import annotations

import re
import runpy
import sys

import nbformat
import pytest

from xcnn_widgets.pages import command

from .conftest import states_in
from .lesson import write_notebook


def test_a_page_holds_text_code_outputs_and_live_widgets(ran, publish, tmp_path):
    outcome = publish(ran, "-o", tmp_path / "page.html", "--no-execute")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert outcome.code == 0
    assert outcome.said.startswith(f"{tmp_path / 'page.html'}: 3 live widgets, ")
    assert "<title>Where it looks</title>" in page
    assert page.count("<math") == 2
    assert "a &lt;tag&gt;" in page
    assert "IntSlider(value=4)" in page
    assert len(re.findall(r'<div[^>]* data-xcnn-state="', page)) == 3
    shown, other = states_in(page)
    assert [e["method"] for e in shown["_atlas"]["entries"]].count("grad_cam") == 4
    assert all(entry["data"]["base64"] for entry in shown["_atlas"]["entries"])
    assert other["_picture"]["name"] == "dune"
    assert other["_picture"]["data"]["base64"]
    assert not {"_esm", "_css", "_front_end", "layout"} & shown.keys()


def test_a_page_asks_for_nothing(ran, publish, tmp_path):
    outcome = publish(ran, "-o", tmp_path / "page.html", "--no-execute")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert not re.search(r"<(img|script|link|iframe)[^>]*(src|href)=\"(?!data:)", page)
    assert "cdnjs" not in page
    assert "unpkg" not in page
    assert 'src="data:image/svg+xml;base64,' in page
    assert "left out, for it is not in the notebook: https://example.com/far.png" in (
        outcome.complained
    )


def test_what_a_cell_prints_in_turns_is_one_block(publish, tmp_path):
    turns = [
        nbformat.v4.new_output("stream", name=name, text=text)
        for name, text in [
            ("stdout", "1\n"),
            ("stdout", "2\n"),
            ("stderr", "3\n"),
            ("stdout", "4\n"),
        ]
    ]
    cell = nbformat.v4.new_code_cell("count()", outputs=turns)
    path = tmp_path / "count.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    publish(path, "-o", tmp_path / "page.html", "--no-execute")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert [text.strip() for text in re.findall(r"<pre>([\d\s]+)</pre>", page)] == [
        "1\n2",
        "3",
        "4",
    ]


@pytest.mark.parametrize(
    ("hidden", "summary", "folded"),
    [
        ({"source_hidden": True, "outputs_hidden": True}, "Show this cell", {"code", "result"}),
        ({"source_hidden": True}, "Show the code", {"code"}),
        ({}, None, set()),
    ],
)
def test_what_a_notebook_hides_a_page_folds(publish, tmp_path, hidden, summary, folded):
    cell = nbformat.v4.new_code_cell(
        "print('my code')",
        metadata={"jupyter": hidden},
        outputs=[nbformat.v4.new_output("stream", name="stdout", text="my result\n")],
    )
    path = tmp_path / "solution.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    publish(path, "-o", tmp_path / "page.html", "--no-execute")
    body = (tmp_path / "page.html").read_text(encoding="utf-8").partition("<main>")[2]
    inside = "".join(re.findall(r"<details.*?</details>", body, re.DOTALL))
    assert re.findall(r"<summary>(.*?)</summary>", inside) == ([summary] if summary else [])
    assert {word for word in ("code", "result") if f"my {word}" in inside} == folded
    assert all(body.count(f"my {word}") == 1 for word in ("code", "result"))


def test_its_author_is_told_what_is_not_live(ran, publish, tmp_path):
    complained = publish(ran, "-o", tmp_path / "page.html", "--no-execute").complained
    assert "1 widget is shown as a picture or as text" in complained
    assert "1 widget has only the view shown: call its precompute()" in complained


def test_code_can_be_left_out_and_the_tab_named(ran, publish, tmp_path):
    publish(ran, "-o", tmp_path / "page.html", "--no-execute", "--no-code", "--title", "A <b>")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<title>A &lt;b&gt;</title>" in page
    assert "manual_seed" not in page
    assert len(states_in(page)) == 2


def test_a_notebook_is_run_in_its_own_folder_and_stays_as_it_was(publish, tmp_path):
    path = write_notebook(tmp_path / "plain.ipynb", "open('data.txt').read()")
    (tmp_path / "data.txt").write_text("found it")
    before = path.read_bytes()
    outcome = publish(path)
    assert outcome.code == 0
    assert "no live widgets" in outcome.said
    assert "note: the notebook shows no widget" in outcome.complained
    assert "found it" in path.with_suffix(".html").read_text(encoding="utf-8")
    assert path.read_bytes() == before


def test_a_failing_cell_is_named_with_its_reason_and_the_old_page_stays(publish, tmp_path):
    path = write_notebook(tmp_path / "bad.ipynb", "# text", "x = 1", "y = x\ny / 0")
    path.with_suffix(".html").write_text("old")
    outcome = publish(path)
    assert outcome.code == 1
    assert outcome.complained == (
        "error: cell 3 of 3 (y = x) failed: ZeroDivisionError: division by zero\n"
    )
    assert path.with_suffix(".html").read_text() == "old"


def test_a_cell_that_takes_too_long_is_named(publish, tmp_path):
    path = write_notebook(tmp_path / "slow.ipynb", "import threading\nthreading.Event().wait()")
    outcome = publish(path, "--timeout", 1)
    assert outcome.code == 1
    assert "cell 1 of 1 (import threading) took longer than 1 s" in outcome.complained


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("missing.ipynb", None, "there is no file"),
        ("text.ipynb", "hello", "is no notebook; expected a .ipynb file"),
        ("list.ipynb", "[1]", "is no notebook"),
        ("json.ipynb", "{}", "is no notebook"),
        (".", None, "is a folder"),
    ],
)
def test_what_is_no_notebook_is_refused(publish, tmp_path, name, text, words):
    if text is not None:
        (tmp_path / name).write_text(text)
    outcome = publish(tmp_path / name)
    assert outcome.code == 1
    assert words in outcome.complained


def test_notebooks_beside_a_missing_one_are_named(publish, tmp_path):
    write_notebook(tmp_path / "lesson.ipynb", "1")
    assert "lesson.ipynb" in publish(tmp_path / "leson.ipynb").complained


def test_an_unknown_kernel_is_named_with_those_there_are(publish, tmp_path):
    path = write_notebook(tmp_path / "lesson.ipynb", "1")
    complained = publish(path, "--kernel", "no-such").complained
    assert "there is no kernel 'no-such'; choose with --kernel from: python3" in complained


def test_a_folder_that_is_not_there_is_told(publish, tmp_path):
    path = write_notebook(tmp_path / "lesson.ipynb", "# text")
    outcome = publish(path, "--no-execute", "-o", tmp_path / "no" / "page.html")
    assert outcome.code == 1
    assert "page.html could not be written: No such file" in outcome.complained


def test_without_stored_state_the_picture_stands_in(ran, publish, tmp_path):
    notebook = nbformat.read(ran, as_version=4)
    del notebook.metadata["widgets"]
    nbformat.write(notebook, tmp_path / "bare.ipynb")
    outcome = publish(tmp_path / "bare.ipynb", "--no-execute")
    page = (tmp_path / "bare.html").read_text(encoding="utf-8")
    assert "3 widgets are shown as a picture or as text" in outcome.complained
    assert states_in(page) == []
    assert page.count('src="data:image/png;base64,') == 1


def test_an_unknown_version_of_saved_state_is_told_and_the_picture_stands_in(
    ran, publish, tmp_path
):
    path = tmp_path / "later.ipynb"
    path.write_text(ran.read_text().replace('"_state_version": 1', '"_state_version": 7'))
    outcome = publish(path, "--no-execute")
    assert "saved with state version 7, and this xcnn-widgets reads version 1" in outcome.complained
    assert states_in(path.with_suffix(".html").read_text(encoding="utf-8")) == []


def test_what_is_missing_to_publish_is_named(publish, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "_NEEDED", ("nbclient", "no_such_package"))
    complained = publish(write_notebook(tmp_path / "a.ipynb", "1")).complained
    assert "publishing needs no_such_package: pip install 'xcnn-widgets[publish]'" in complained


def test_its_help_is_worth_reading(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["xcnn_widgets", "publish", "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("xcnn_widgets", run_name="__main__")
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for word in ("--no-execute", "--title", "--timeout", "examples:", "precompute"):
        assert word in shown
