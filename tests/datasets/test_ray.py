"""Workers of a Ray cluster find what the local engine finds, whatever becomes of one of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray
import torch
from PIL import Image

from xcnn_widgets import Results, explain_dataset, method

from .conftest import COLOURS, NAMES, ColourNet, to_tensor

PICTURES = 2_000


class Told(ColourNet):
    """Writes down in which processes it runs."""

    def __init__(self, at: Path) -> None:
        super().__init__()
        self.at = at
        at.mkdir(exist_ok=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        (self.at / str(os.getpid())).touch()
        return super().forward(x)

    def workers(self) -> set[int]:
        """The other processes."""
        return {int(file.name) for file in self.at.iterdir()} - {os.getpid()}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Two workers on this machine, which nobody is told of."""
    # Each of Ray's processes imports jsonschema, and that, only beside Jupyter, grammars that take three seconds. It does
    # without them where they cannot be imported; Ray gives its processes 15 seconds, which all of them need on two cores.
    lean = tmp_path_factory.mktemp("lean")
    (lean / "rfc3987_syntax.py").write_text("raise ImportError")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(lean), prepend=os.pathsep)
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        # Workers are usually last in line, behind whatever else is tested.
        patch.setenv("RAY_worker_niceness", "0")
        patch.delenv("RAY_ADDRESS", raising=False)
        start = partial(
            ray.init,
            "local",
            num_cpus=2,
            include_dashboard=False,
            object_store_memory=100 * 2**20,
            log_to_driver=False,
        )
        try:
            start()
        except Exception:
            ray.shutdown()
            start()
        yield
        ray.shutdown()


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two thousand small pictures in folders by colour, one of which is none."""
    folder = tmp_path_factory.mktemp("many")
    made = np.random.default_rng(1)
    for number in range(PICTURES):
        name = NAMES[number % 3]
        (folder / name).mkdir(exist_ok=True)
        noise = made.integers(-40, 40, (18, 26, 3))
        pixels = np.clip(np.array(COLOURS[name]) + noise, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / name / f"{number}.png")
    (folder / "green" / "1000.png").write_text("no picture")
    return folder


def ask(model: Any, images: Any, to: Path, **options: Any) -> Results:
    usual: dict[str, Any] = {
        "class_names": NAMES,
        "transform": to_tensor,
        "progress": False,
        "engine": "ray",
    }
    return explain_dataset(model, images, to, **usual | options)


def assert_same(found: Results, expected: Results) -> None:
    """Each row equals that of the same picture, numbers to 1e-5."""
    assert found.question == expected.question
    assert found.dataset.schema.equals(expected.dataset.schema, check_metadata=True)
    here, there = (sorted(each.rows(), key=lambda row: row["index"]) for each in (found, expected))
    assert [row["index"] for row in here] == [row["index"] for row in there]
    for one, other in zip(here, there, strict=True):
        for column, value in other.items():
            if column.endswith("_map") and value is not None:
                levels = [np.frombuffer(row[column], np.uint8).astype(int) for row in (one, other)]
                # A number between two levels may go to either.
                assert np.abs(levels[0] - levels[1]).max() <= 1, (other["key"], column)
            elif isinstance(value, float) or (value and column in ("top_values", "logits")):
                # Where pixels nearly tie, their ranks turn on a last bit.
                near = 1e-3 if column == "disagreement" else 1e-5
                assert one[column] == pytest.approx(value, rel=near, abs=near), column
            else:
                assert one[column] == value, (other["key"], column)


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_a_worker_is_killed_and_nothing_is_lost_or_twice(many: Path, tmp_path: Path) -> None:
    model, killed = Told(tmp_path / "processes"), set[int]()

    def kill(done: int, total: int) -> None:
        if done >= PICTURES / 4 and not killed:
            killed.add(min(model.workers()))
            os.kill(min(killed), signal.SIGKILL)

    found = ask(model, many, tmp_path / "ray", workers=2, progress=kill)
    assert killed
    # Another one took its place.
    assert len(model.workers()) == 3
    assert len(found) == PICTURES
    assert list(found.to_dataframe()["index"]) == [*range(PICTURES)]
    assert list(found.errors()) == ["green/1000.png"]
    assert_same(found, ask(model, many, tmp_path / "local", engine="local"))


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_what_is_interrupted_goes_on_with_either_engine(many: Path, tmp_path: Path) -> None:
    model, to = ColourNet(), tmp_path / "results"

    def interrupt(done: int, total: int) -> None:
        # As Ctrl-C does: while this process waits for the next rows, most probably.
        if done > rows and not interrupted:
            interrupted.append(done)
            threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGINT)).start()

    rows = 0
    for _ in range(2):
        interrupted: list[int] = []
        with pytest.raises(KeyboardInterrupt):
            ask(model, many, to, progress=interrupt)
        assert rows < len(Results(to)) < PICTURES
        rows = len(Results(to))
    told: list[int] = []
    whole = ask(model, many, to, engine="local", progress=lambda done, total: told.append(done))
    assert told[0] == rows
    assert list(whole.to_dataframe()["index"]) == [*range(PICTURES)]


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_own_methods_metrics_labels_and_lambdas_go_along(
    model: ColourNet, folder: Path, tmp_path: Path
) -> None:
    def red(model: Any, inputs: torch.Tensor, target: Any, layer: Any) -> torch.Tensor:
        return inputs * inputs

    own = method("red_squared", "Red", red, family="gradient")
    options: dict[str, Any] = {
        "methods": [own, "grad_cam"],
        "metrics": ["deletion"],
        "logits": True,
        "labels": ["blue"] * 13,
        "target": "label",
        "transform": lambda picture: to_tensor(picture) / 2,
    }
    found = ask(model, folder, tmp_path / "ray", **options)
    assert set(found.to_dataframe()["label"].dropna()) == {"blue"}
    assert_same(found, ask(model, folder, tmp_path / "local", engine="local", **options))


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_pictures_in_memory_go_along(model: ColourNet, tmp_path: Path) -> None:
    images = {f"{i}": np.full((12, 10 + i % 2, 3), 9 * i, np.uint8) for i in range(20)}
    found = ask(model, images, tmp_path / "ray")
    assert_same(found, ask(model, images, tmp_path / "local", engine="local"))


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("address", ["of its own", "of the one that runs"])
def test_a_command_starts_a_cluster_or_takes_one(
    folder: Path, tmp_path: Path, address: str
) -> None:
    to = tmp_path / "results"
    asked = [sys.executable, "-m", "xcnn_widgets", "explain", "--engine", "ray", "--quiet"]
    asked += ["--model", "tests.datasets.conftest:colour_net", "--images", str(folder)]
    asked += ["--transform", "tests.datasets.conftest:to_tensor", "--to", str(to)]
    if address == "of the one that runs":
        asked += ["--ray-address", ray.get_runtime_context().gcs_address]
    told = subprocess.run(
        [*asked, "--workers", "1"], check=False, capture_output=True, text=True, timeout=300
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout == f"{to}: 13 pictures, 1 with an error\n"
    assert "note: red/broken.png: " in told.stderr
    assert len(Results(to)) == 13
    assert ray.cluster_resources()["CPU"] == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "dask"}, "engine is 'dask'; expected one of 'local', 'ray'"),
        ({"engine": "local", "ray_address": "auto"}, "ray_address is for workers of Ray"),
        ({"engine": "local", "gpus_per_worker": 0.5}, "gpus_per_worker is for workers of Ray"),
        ({"gpus_per_worker": 1.5}, "a share from 0 to 1, or a whole number of GPUs"),
        ({"gpus_per_worker": -1}, "gpus_per_worker is -1; expected 0 or more"),
        ({"workers": 0}, "workers is 0; expected a number of processes, 1 or more"),
    ],
)
def test_what_cannot_be_done_is_told(
    model: ColourNet, folder: Path, tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        ask(model, folder, tmp_path / "results", **options)


def test_without_ray_the_extra_is_named(
    model: ColourNet, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ImportError, match=r"pip install 'xcnn-widgets\[ray\]'"):
        ask(model, folder, tmp_path / "results")
    assert not (tmp_path / "results").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("cluster")
def test_what_the_cluster_does_not_have_is_told(
    model: ColourNet, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=r"is 0\.25, but the cluster has 0 GPUs now"):
        ask(model, folder, tmp_path / "results", gpus_per_worker=0.25)
    with pytest.raises(ValueError, match=r"is connected to the cluster .*ray\.shutdown"):
        ask(model, folder, tmp_path / "results", ray_address="127.0.0.1:1")
