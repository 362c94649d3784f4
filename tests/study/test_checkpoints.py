"""States of one model from files: loaded when they are looked at, and never into the model itself."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

import xcnn_widgets as xw
from xcnn_widgets.study import Models

from ..models.two_by_hand import colour_net, picture, to_input

RED, GREEN = (4.0, 0.0, 0.0), (0.0, 4.0, 0.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three states of a training, of which the last says the opposite."""
    for step, net in {
        2: colour_net(RED, GREEN),
        10: colour_net(GREEN, RED),
        1: colour_net(RED, RED),
    }.items():
        torch.save(net.state_dict(), tmp_path / f"step{step}.pt")
    (tmp_path / "notes.txt").write_text("no weights")
    return tmp_path


def test_a_folder_is_taken_in_natural_order_and_begins_with_the_last(folder: Path) -> None:
    states = xw.checkpoints(colour_net(RED, GREEN), folder)
    assert list(states) == ["step1", "step2", "step10"]
    models = Models(states, picture(), transform=to_input)
    assert models.first == "step10" and models.are_checkpoints


def test_a_state_is_loaded_into_a_copy(folder: Path) -> None:
    net = colour_net(RED, GREEN)
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    models = Models(xw.checkpoints(net, folder), picture(), transform=to_input)
    loaded: Any = models.explored("step10").model
    assert loaded is not net and loaded.head.weight.tolist() == [[0, 4, 0], [4, 0, 0]]
    assert all(torch.equal(net.state_dict()[name], tensor) for name, tensor in before.items())


def test_only_the_last_four_stay_in_memory(tmp_path: Path) -> None:
    for step in range(6):
        torch.save(colour_net(RED, GREEN).state_dict(), tmp_path / f"{step}.pt")
    models = Models(xw.checkpoints(colour_net(RED, GREEN), tmp_path), picture(), transform=to_input)
    nets = [weakref.ref(models.explored(name).model) for name in models.names]
    gc.collect()
    assert [net() is not None for net in nets] == [False, False, True, True, True, True]


def test_what_holds_the_model_tells_names_and_transform_of_its_states(folder: Path) -> None:
    holder = SimpleNamespace(
        model=colour_net(RED, GREEN), class_names=["r", "g"], transform=to_input
    )
    models = Models(xw.checkpoints(holder, folder), picture())
    exploration = models.explored("step2")
    assert exploration.predictions(0, 2)[0].name in ("r", "g")
    assert exploration.prepared(0).input.shape == (3, 8, 12)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: {"epoch": 3, "state_dict": state},
        lambda state: {"model_state_dict": state, "loss": torch.tensor(0.5)},
        lambda state: {f"module.{name}": tensor for name, tensor in state.items()},
        lambda state: {f"_orig_mod.{name}": tensor for name, tensor in state.items()},
    ],
)
def test_what_training_loops_save_is_found(tmp_path: Path, wrap: Any) -> None:
    torch.save(wrap(colour_net(GREEN, RED).state_dict()), tmp_path / "last.pth")
    models = Models(xw.checkpoints(colour_net(RED, GREEN), tmp_path), picture(), transform=to_input)
    loaded: Any = models.explored("last").model
    assert loaded.head.weight.tolist() == [[0, 4, 0], [4, 0, 0]]


def test_a_file_of_another_model_names_itself_and_what_does_not_match(tmp_path: Path) -> None:
    torch.save(colour_net(RED, GREEN, RED).state_dict(), tmp_path / "three.pt")
    torch.save(nn.Linear(2, 2).state_dict(), tmp_path / "linear.pt")
    models = Models(xw.checkpoints(colour_net(RED, GREEN), tmp_path), picture(), transform=to_input)
    with pytest.raises(
        ValueError,
        match=r"three\.pt does not fit the model: head\.weight is \(3, 3\) and in the model \(2, 3\)",
    ):
        models.explored("three")
    with pytest.raises(ValueError, match=r"linear\.pt .* it lacks conv\.weight; .*has no weight"):
        models.explored("linear")


def test_a_file_that_holds_no_weights_says_what_it_holds(tmp_path: Path) -> None:
    torch.save(colour_net(RED), tmp_path / "whole.pt")
    torch.save({"epoch": 3}, tmp_path / "epoch.pt")
    (tmp_path / "broken.pt").write_bytes(b"no zip")
    models = Models(xw.checkpoints(colour_net(RED), tmp_path), picture(), transform=to_input)
    for name, words in {
        "whole": r"whole\.pt cannot be read as a state_dict",
        "epoch": r"epoch\.pt holds no state_dict but a dict of 'epoch'",
        "broken": r"broken\.pt cannot be read",
    }.items():
        with pytest.raises(ValueError, match=words):
            models.explored(name)


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    paths = [tmp_path / run / "last.pt" for run in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        torch.save(colour_net(RED).state_dict(), path)
    assert list(xw.checkpoints(colour_net(RED), paths)) == ["a/last.pt", "b/last.pt"]


def test_what_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    net = colour_net(RED)
    with pytest.raises(FileNotFoundError, match="no folder"):
        xw.checkpoints(net, tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="no file"):
        xw.checkpoints(net, [tmp_path / "nowhere.pt"])
    with pytest.raises(ValueError, match="no checkpoint in the folder"):
        xw.checkpoints(net, tmp_path)
    with pytest.raises(ValueError, match="no file in this list"):
        xw.checkpoints(net, [])
    with pytest.raises(TypeError, match="model is a int"):
        xw.checkpoints(3, tmp_path)
