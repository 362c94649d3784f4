"""A run that ends too early leaves whole rows, and the same call goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xcnn_widgets import Results, explain_dataset
from xcnn_widgets.datasets import folder as folders
from xcnn_widgets.datasets import local, writing
from xcnn_widgets.datasets.folder import Folder
from xcnn_widgets.datasets.question import FORMAT

from .conftest import NAMES, ColourNet, to_tensor


def ask(model: ColourNet, images: Any, to: Path, **options: Any) -> Results:
    usual: dict[str, Any] = {
        "class_names": NAMES,
        "transform": to_tensor,
        "progress": False,
        "workers": 0,
    }
    return explain_dataset(model, images, to, **usual | options)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of five rows, of three pictures at once."""
    for module in (folders, writing):
        monkeypatch.setattr(module, "ROWS", 5)
    monkeypatch.setattr(local, "_PICTURES", 3)


@pytest.mark.usefixtures("small_parts")
def test_what_is_interrupted_goes_on_and_asks_nothing_twice(
    model: ColourNet, folder: Path, tmp_path: Path
) -> None:
    def stop(done: int, total: int) -> None:
        if done >= 6:
            raise KeyboardInterrupt

    to = tmp_path / "results"
    with pytest.raises(KeyboardInterrupt):
        ask(model, folder, to, progress=stop, batch_size=1)
    first = Results(to)
    assert len(first) == 6
    before = model.asked
    whole = ask(model, folder, to, batch_size=1)
    asked = model.asked - before
    assert len(whole) == 13
    assert len(set(whole.to_dataframe()["key"])) == 13
    before = model.asked
    assert len(ask(model, folder, to, batch_size=1)) == 13
    # Beside what it takes to open the pictures, the 6 that were left and can be read.
    assert asked - (model.asked - before) == 6


def test_another_question_is_told_and_changes_nothing(
    model: ColourNet, folder: Path, tmp_path: Path
) -> None:
    to = tmp_path / "results"
    ask(model, folder, to)
    with pytest.raises(ValueError, match=r"methods: \('grad_cam',\) there, \('saliency',\) now"):
        ask(model, folder, to, methods=["saliency"])
    with pytest.raises(ValueError, match=r"target: 'predicted' there, 1 now"):
        ask(model, folder, to, target="green")
    trained = ColourNet()
    trained.head.bias.data[0] += 1e-3
    with pytest.raises(ValueError, match="fingerprint: "):
        ask(trained, folder, to)
    with pytest.raises(FileExistsError, match=r"resume=True goes on.*overwrite=True removes"):
        ask(model, folder, to, resume=False)
    assert len(Results(to)) == 13
    assert Results(to).question.methods == ("grad_cam",)
    again = ask(model, folder, to, methods=["saliency"], overwrite=True)
    assert (len(again), again.question.methods) == (13, ("saliency",))


def test_more_pictures_are_added(model: ColourNet, folder: Path, tmp_path: Path) -> None:
    to = tmp_path / "results"
    ask(model, folder, to)
    (folder / "red/broken.png").rename(folder / "red/more.txt")
    (folder / "red/0.png").rename(folder / "blue/new.png")
    results = ask(model, folder, to)
    assert {"red/0.png", "blue/new.png"} <= set(results.to_dataframe()["key"])


def test_two_cannot_write_at_once(model: ColourNet, folder: Path, tmp_path: Path) -> None:
    to = tmp_path / "results"
    with (
        Folder(to).alone(),
        pytest.raises(RuntimeError, match="somebody else writes results in"),
    ):
        ask(model, folder, to)
    assert len(ask(model, folder, to)) == 13


def test_a_full_disk_is_told(
    model: ColourNet, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(OSError, match="No space left"):
        ask(model, folder, tmp_path / "results")
    monkeypatch.undo()
    assert len(ask(model, folder, tmp_path / "results")) == 13


def test_results_of_a_later_version_are_not_guessed(
    model: ColourNet, folder: Path, tmp_path: Path
) -> None:
    to = tmp_path / "results"
    ask(model, folder, to)
    told = json.loads((to / "question.json").read_text())
    assert told["made_by"].keys() >= {"xcnn_widgets", "torch", "python"}
    (to / "question.json").write_text(json.dumps({**told, "format": FORMAT + 1}))
    with pytest.raises(ValueError, match=rf"have format {FORMAT + 1}.*upgrade"):
        Results(to)


def test_removing_that_is_interrupted_leaves_no_rows_without_their_question(
    model: ColourNet, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to, unlink = tmp_path / "results", Path.unlink
    ask(model, folder, to)
    gone: list[Path] = []

    def interrupted(path: Path, missing_ok: bool = False) -> None:
        if gone:
            raise KeyboardInterrupt
        gone.append(path)
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ask(model, folder, to, methods=["saliency"], overwrite=True)
    monkeypatch.undo()
    assert Folder(to).has_results or not Folder(to).parts()
    assert len(ask(model, folder, to)) == 13


def numbered(folder: Folder, first: int, last: int, keys: list[str]) -> None:
    path = folder.path / f"part-{first:08d}-{last:08d}.parquet"
    pq.write_table(pa.table({"key": keys}), path)


def test_parts_put_together_count_once(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for number, keys in enumerate((["a", "b"], ["c"], ["d"])):
        numbered(folder, number, number, keys)
    # Somebody ended the process before the small ones were removed, and while another one was written.
    numbered(folder, 0, 1, ["a", "b", "c"])
    (tmp_path / ".writing-part-00000002-00000005.parquet").write_bytes(b"half")
    assert folder.keys() == {"a", "b", "c", "d"}
    assert [path.name[5:22] for path in folder.parts()] == [
        "00000000-00000001",
        "00000002-00000002",
    ]
    folder.put_together()
    (path,) = folder.parts()
    assert path.name == "part-00000000-00000002.parquet"
    assert pq.read_table(path)["key"].to_pylist() == ["a", "b", "c", "d"]
    assert folder.add(pa.table({"key": ["e"]})).name == "part-00000003-00000003.parquet"
    assert [path.suffix for path in tmp_path.glob("part-*")] == [".parquet"] * 2


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="runs are forked")
def test_runs_that_are_killed_at_any_moment_leave_whole_rows(tmp_path: Path) -> None:
    to = tmp_path / "results"
    script = [sys.executable, "-m", "tests.datasets.killed", str(to)]
    told = subprocess.run(script, check=True, capture_output=True, text=True, timeout=500)
    killed = [int(line.split()[1]) for line in told.stdout.splitlines() if "killed" in line]
    assert len(killed) == 10
    # Some of them had written something that later runs did not do again.
    assert killed == sorted(killed)
    assert killed[-1] > 0
    results = Results(to)
    keys = list(results.to_dataframe()["key"])
    assert (len(keys), len(set(keys))) == (300, 300)
    assert all(row["grad_cam_map"] for row in results.rows(["grad_cam_map"]))
