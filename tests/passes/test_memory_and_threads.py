"""Nothing is left behind after many explanations, and two threads do not disturb each other."""

from __future__ import annotations

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from xcnn_widgets.methods.explanation import explain
from xcnn_widgets.methods.table import METHODS
from xcnn_widgets.network.layers import target_layers
from xcnn_widgets.network.relu_rules import BACKWARD_RULES
from xcnn_widgets.network.running import model_lock
from xcnn_widgets.passes.forward_pass import ForwardPass


def tensors_alive() -> int:
    gc.collect()
    return sum(issubclass(type(thing), Tensor) for thing in gc.get_objects())


def explain_with_everything(model: nn.Sequential, inputs: Tensor, target: int) -> None:
    for method in METHODS:
        options: dict[str, Any] = {"patch": 6, "stride": 6} if method == "occlusion" else {}
        explain(model, inputs, method, target, **options)


def test_200_explanations_leave_no_hook_and_no_tensor(model: nn.Sequential, inputs: Tensor) -> None:
    explain_with_everything(model, inputs, 0)
    before, hooks = tensors_alive(), hook_count(model)
    for number in range(200 // len(METHODS) + 1):
        explain_with_everything(model, inputs, number % 4)
    assert tensors_alive() <= before
    assert hook_count(model) == hooks == 0


def hook_count(model: nn.Module) -> int:
    return sum(
        len(module._forward_hooks)
        + len(module._forward_pre_hooks)
        + len(module._backward_hooks)
        + len(module._backward_pre_hooks)
        for module in model.modules()
    )


def test_errors_leave_no_tensor_either(model: nn.Sequential, inputs: Tensor) -> None:
    def fail_once() -> None:
        with pytest.raises(ValueError, match="out of range"):
            explain(model, inputs, "guided_grad_cam", 99)

    fail_once()
    before = tensors_alive()
    for _ in range(20):
        fail_once()
    assert tensors_alive() <= before


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads Linux's own numbers")
def test_a_loop_of_explanations_takes_no_more_and_more_memory(inputs: Tensor) -> None:
    model = nn.Sequential(
        nn.Conv2d(3, 64, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    large = inputs.repeat(4, 1, 8, 8)

    def megabytes() -> float:
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * 4096 / 2**20

    # One activation is 12 MB: a leak of any of them would add hundreds.
    for _ in range(10):
        explain(model, large, "guided_grad_cam", 1)
    before = megabytes()
    for _ in range(40):
        explain(model, large, "guided_grad_cam", 1)
    assert megabytes() - before < 60


def test_a_forward_pass_is_freed_without_the_garbage_collector(
    model: nn.Sequential, inputs: Tensor
) -> None:
    outputs: list[weakref.ref[Tensor]] = []
    model[2].register_forward_hook(lambda _, __, output: outputs.append(weakref.ref(output)))
    gc.collect()
    gc.disable()
    try:
        forward = ForwardPass(model, inputs, ["2"])
        forward.gradient(1, rule="guided")
        assert outputs[-1]() is not None
        reference = weakref.ref(forward)
        del forward
        assert reference() is None
        assert outputs[-1]() is None
    finally:
        gc.enable()


def test_closing_frees_the_graph_while_the_forward_pass_lives(
    model: nn.Sequential, inputs: Tensor
) -> None:
    forward = ForwardPass(model, inputs, ["0", "2"])
    forward.gradient(1)
    before = tensors_alive()
    assert forward.bytes > inputs.nbytes
    forward.close()
    assert tensors_alive() < before - 3
    assert forward.bytes == inputs.nbytes
    forward.close()


def test_what_is_remembered_of_a_model_does_not_keep_it_alive(inputs: Tensor) -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    explain(model, inputs)
    reference = weakref.ref(model)
    del model
    gc.collect()
    assert reference() is None


def test_a_changed_model_is_looked_at_again(model: nn.Sequential, inputs: Tensor) -> None:
    assert target_layers(model, inputs) == ["0", "2"]
    model[2] = nn.Sequential(nn.Conv2d(6, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 1), nn.MaxPool2d(2))
    assert target_layers(model, inputs, "all")[-2:] == ["2.3", "2"]
    model[2].add_module("4", nn.Conv2d(8, 8, 1))
    assert target_layers(model, inputs, "all")[-2:] == ["2.4", "2"]


def test_two_threads_get_the_numbers_that_one_gets(model: nn.Sequential, inputs: Tensor) -> None:
    rules = BACKWARD_RULES
    questions = [
        (target, layer, rule) for target in range(4) for layer in ("0", "2", None) for rule in rules
    ]
    expected = [ForwardPass(model, inputs).gradient(*question) for question in questions]
    model.train()
    shared = ForwardPass(model, inputs, cache_bytes=0)
    start = threading.Barrier(2)

    def explore(order: int) -> list[Tensor]:
        start.wait(60)
        found = []
        for number, question in enumerate(questions[::order]):
            explain(model, inputs, "grad_cam", number % 4)
            found.append(shared.gradient(*question))
        return found[::order]

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(explore, [1, -1]))
    for found in answers:
        for mine, single in zip(found, expected, strict=True):
            assert torch.equal(mine, single)
    assert all(module.training for module in model.modules())


def test_one_lock_for_each_model(model: nn.Sequential) -> None:
    assert model_lock(model) is model_lock(model)
    assert model_lock(model) is not model_lock(model[0])
