"""A model comes back exactly as it was, whatever happens to it on the way."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from xcnn_widgets.methods.explanation import explain
from xcnn_widgets.methods.table import METHODS
from xcnn_widgets.network.layers import target_layers
from xcnn_widgets.network.running import run
from xcnn_widgets.passes.forward_pass import ForwardPass


def state_of(model: nn.Module) -> dict[str, Any]:
    """Everything about a model that somebody might have changed."""
    tensors: list[tuple[str, Tensor]] = [*model.named_parameters(remove_duplicate=False)]
    tensors += [*model.named_buffers(remove_duplicate=False)]
    return {
        "tensors": {name: (id(t), t.data_ptr(), t._version, t.clone()) for name, t in tensors},
        "settings": {
            name: (t.requires_grad, t.dtype, t.device, t.stride(), t.is_leaf, t._backward_hooks)
            for name, t in tensors
        },
        "gradients": {name: None if t.grad is None else t.grad.clone() for name, t in tensors},
        "modules": {
            name: (
                id(module),
                module.training,
                getattr(module, "inplace", None),
                [*module._forward_hooks],
                [*module._forward_pre_hooks],
                [*module._backward_hooks],
                [*module._backward_pre_hooks],
                sorted(module.__dict__),
            )
            for name, module in model.named_modules()
        },
        "random numbers": torch.get_rng_state(),
        "modes": (torch.is_grad_enabled(), torch.is_inference_mode_enabled()),
    }


def assert_unchanged(model: nn.Module, before: dict[str, Any]) -> None:
    after = state_of(model)
    for what, (identity, *_, value) in before["tensors"].items():
        assert after["tensors"][what][0] == identity, f"{what} is another tensor"
        assert torch.equal(after["tensors"][what][-1], value), f"{what} has other values"
        assert after["tensors"][what][1:3] == before["tensors"][what][1:3], f"{what} was written"
    for what, gradient in before["gradients"].items():
        found = after["gradients"][what]
        assert (found is None) == (gradient is None)
        assert gradient is None or torch.equal(found, gradient)
    for part in ("settings", "modules", "modes"):
        assert after[part] == before[part]
    assert torch.equal(after["random numbers"], before["random numbers"])


class Memory(nn.Module):
    """Writes into a buffer and exchanges another one in its forward pass."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Tensor
        self.last: Tensor
        self.register_buffer("calls", torch.zeros(()))
        self.register_buffer("last", torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        self.last = x.detach().mean().reshape(1)
        return x * 1.0


@pytest.fixture
def lived_in(model: nn.Sequential) -> nn.Sequential:
    """A model in the middle of its life: half in training, half frozen, with gradients and hooks."""
    model.append(Memory())
    model(torch.randn(2, 3, 8, 12)).sum().backward()
    model.train()
    model[0].eval()
    model.get_parameter("2.1.weight").requires_grad_(False)
    model[0].register_forward_hook(lambda *_: None)
    model[6].register_forward_pre_hook(lambda *_: None)
    model[6].register_full_backward_hook(lambda *_: None)
    return model


@pytest.mark.parametrize("method", METHODS)
def test_after_every_method(lived_in: nn.Sequential, inputs: Tensor, method: str) -> None:
    options: dict[str, Any] = {"patch": 4, "stride": 4} if method == "occlusion" else {}
    before = state_of(lived_in)
    explain(lived_in, inputs, method, 1, **options)
    assert_unchanged(lived_in, before)


def test_after_a_whole_session(lived_in: nn.Sequential, inputs: Tensor) -> None:
    before = state_of(lived_in)
    forward = ForwardPass(lived_in, inputs)
    for target in (0, [1, 2], None):
        forward.gradients(target, [None, "0", "2"], "guided")
        forward.gradient(target, rule="deconvnet")
    forward.activation("0.0")
    target_layers(lived_in, inputs, "all")
    assert_unchanged(lived_in, before)
    forward.close()
    assert_unchanged(lived_in, before)


def retrain(norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    normalised: Tensor = norm.train()(x)
    return normalised


def write(norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    norm.get_buffer("running_var").mul_(2)
    normalised: Tensor = norm(x)
    return normalised


def write_unseen(norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    norm.get_buffer("running_mean").data.add_(1)
    normalised: Tensor = norm(x)
    return normalised


def count(norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    norm.get_buffer("num_batches_tracked").add_(1)
    normalised: Tensor = norm(x)
    return normalised


def exchange(norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    norm.running_mean = x.detach().mean(dim=(0, 2, 3))
    normalised: Tensor = norm(x)
    return normalised


def fail_later(norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    retrain(norm, x)
    raise ArithmeticError("as asked")


class Adapting(nn.Module):
    """Does something to the statistics of its BatchNorm while it is explained."""

    def __init__(self, adapt: Callable[[nn.BatchNorm2d, Tensor], Tensor]) -> None:
        super().__init__()
        self.convolution, self.norm = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)
        self.head = nn.Linear(4, 2)
        self.adapt = adapt
        self.adapts = True

    def forward(self, x: Tensor) -> Tensor:
        maps = self.convolution(x)
        maps = self.adapt(self.norm, maps) if self.adapts else self.norm(maps)
        scores: Tensor = self.head(maps.relu().mean(dim=(2, 3)))
        return scores


ADAPTATIONS = [retrain, write, write_unseen, count, exchange]


@pytest.mark.parametrize("adapt", ADAPTATIONS)
def test_statistics_that_a_model_writes_in_evaluation_come_back(
    adapt: Callable[[nn.BatchNorm2d, Tensor], Tensor], inputs: Tensor
) -> None:
    model = Adapting(adapt).eval()
    before = copy.deepcopy(model.state_dict())
    buffers = dict(model.norm.named_buffers())
    leaf = inputs.clone().requires_grad_()
    expected = torch.autograd.grad(copy.deepcopy(model)(leaf)[:, 1].sum(), leaf)[0]
    for _ in range(2):
        torch.testing.assert_close(explain(model, inputs, "saliency", 1).values, expected)
        assert not any(module.training for module in model.modules())
        for name, value in model.state_dict().items():
            assert torch.equal(value, before[name]), name
        assert all(buffer is buffers[name] for name, buffer in model.norm.named_buffers())


@pytest.mark.parametrize("adapt", [retrain, write, count, exchange])
def test_statistics_come_back_also_if_they_were_never_written_before(
    adapt: Callable[[nn.BatchNorm2d, Tensor], Tensor], inputs: Tensor
) -> None:
    model = Adapting(adapt).eval()
    model.adapts = False
    explain(model, inputs, "grad_cam", 1)
    model.norm.train()(torch.randn(4, 4, 5, 5))
    explain(model.eval(), inputs, "grad_cam", 1)
    model.adapts, before = True, copy.deepcopy(model.state_dict())
    explain(model, inputs, "grad_cam", 1)
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_statistics_come_back_after_an_error(inputs: Tensor) -> None:
    model = Adapting(fail_later).eval()
    before = copy.deepcopy(model.state_dict())
    for _ in range(2):
        with pytest.raises(ArithmeticError, match="as asked"):
            explain(model, inputs, "saliency", 1)
        for name, value in model.state_dict().items():
            assert torch.equal(value, before[name]), name


class Cancelling(TorchFunctionMode):
    """Refuses every function of torch from the second convolution's on, as a cancelled answer does."""

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = 0

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        self.convolutions += func is torch.conv2d
        if self.convolutions > 1:
            raise ArithmeticError("as asked")
        return func(*args, **(kwargs or {}))


def test_after_a_run_that_was_cancelled_between_two_functions(
    inputs: Tensor,
) -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 3), Memory())
    before = state_of(model)
    with pytest.raises(ArithmeticError, match="as asked"), torch.no_grad(), Cancelling():
        run(model, inputs)
    assert_unchanged(model, before)


def test_a_model_that_leaves_its_statistics_alone_runs_once(inputs: Tensor) -> None:
    model = Adapting(lambda norm, x: norm(x)).train()
    runs: list[None] = []
    model.register_forward_hook(lambda *_: runs.append(None))
    ForwardPass(model, inputs, ["norm"])
    assert len(runs) == 1


def test_recurrent_weights_take_no_part_in_the_graph(inputs: Tensor) -> None:
    class Scanning(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scan, self.head = nn.GRU(36, 5, batch_first=True), nn.Linear(5, 2)

        def forward(self, x: Tensor) -> Tensor:
            scores: Tensor = self.head(
                self.scan(x.flatten(2).transpose(1, 2).reshape(2, -1, 36))[0][:, -1]
            )
            return scores

    model = Scanning()
    before = state_of(model)
    leaves: list[object] = []

    def scores_of(output: Tensor) -> Tensor:
        waiting, seen = [output.grad_fn], set()
        while waiting:
            node = waiting.pop()
            if node is not None and node not in seen:
                seen.add(node)
                leaves.extend([node] if node.name() == "torch::autograd::AccumulateGrad" else [])
                waiting += [below for below, _ in node.next_functions]
        return output[:, 1]

    explain(model, inputs, "saliency", scores_of)
    assert len(set(leaves)) == 1, "the input alone"
    assert_unchanged(model, before)


def failing(*_: object) -> Any:
    raise ArithmeticError("as asked")


FAILURES: dict[str, Callable[[nn.Sequential], Any]] = {
    "a forward hook": lambda model: model[2].register_forward_hook(failing),
    "a forward pre-hook": lambda model: model[2].register_forward_pre_hook(failing),
    "the forward pass": lambda model: setattr(model[3], "forward", failing),
    "a backward hook": lambda model: model.get_submodule("2.0").register_full_backward_hook(
        failing
    ),
}


@pytest.mark.parametrize("place", FAILURES)
@pytest.mark.parametrize("method", ["grad_cam", "guided_grad_cam"])
def test_after_an_error(lived_in: nn.Sequential, inputs: Tensor, place: str, method: str) -> None:
    FAILURES[place](lived_in)
    before = state_of(lived_in)
    with pytest.raises(ArithmeticError, match="as asked"):
        explain(lived_in, inputs, method, 1, "0")
    assert_unchanged(lived_in, before)


def test_after_an_error_in_a_target(lived_in: nn.Sequential, inputs: Tensor) -> None:
    before = state_of(lived_in)
    for target in (failing, lambda scores: scores, 99):
        with pytest.raises((ArithmeticError, ValueError)):
            explain(lived_in, inputs, "guided_grad_cam", target)
    assert_unchanged(lived_in, before)


def test_a_failed_question_leaves_the_forward_pass_usable(
    model: nn.Sequential, inputs: Tensor
) -> None:
    forward = ForwardPass(model, inputs, ["2"])
    expected = forward.gradient(1, layer="2")
    hook = model[0].register_forward_hook(failing)
    with pytest.raises(ArithmeticError):
        forward.gradient(1, layer="0")
    hook.remove()
    for _ in range(2):
        with pytest.raises(ValueError, match="no layer 'nowhere'"):
            forward.activation("nowhere")
    with pytest.raises(ArithmeticError):
        forward.gradient(failing)
    assert forward.layers == ("2",)
    assert torch.equal(forward.gradient(1, layer="2"), expected)


def test_the_input_is_never_written_into(inputs: Tensor) -> None:
    class Centred(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution, self.head = nn.Conv2d(3, 4, 3), nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            x -= 0.5
            x[:, 0] = x[:, 0] * 2
            scores: Tensor = self.head(self.convolution(x).relu_().mean(dim=(2, 3)))
            return scores

    model, before = Centred(), inputs.clone()
    for method in METHODS:
        options: dict[str, Any] = {"patch": 4, "stride": 4} if method == "occlusion" else {}
        explain(model, inputs, method, 1, **options)
        assert torch.equal(inputs, before), method
    leaf = inputs.clone().requires_grad_()
    expected = torch.autograd.grad(model(leaf * 1.0)[:, 1].sum(), leaf)[0]
    torch.testing.assert_close(ForwardPass(model, inputs).gradient(1), expected)


def test_the_caller_may_write_into_the_input_and_into_answers(
    model: nn.Sequential, inputs: Tensor
) -> None:
    untouched = ForwardPass(model, inputs.clone(), ["2"])
    forward = ForwardPass(model, inputs, ["2"])
    inputs.zero_()
    forward.logits.zero_()
    forward.activation("2").zero_()
    forward.gradient(1, layer="2").zero_()
    forward.gradient(1).zero_()
    for layer in ("2", "0"):
        assert torch.equal(forward.activation(layer), untouched.activation(layer))
        assert torch.equal(forward.gradient(1, layer), untouched.gradient(1, layer))
    assert torch.equal(forward.gradient(1), untouched.gradient(1))
    assert torch.equal(forward.logits, untouched.logits)


def test_training_mode_gives_the_answers_of_evaluation_mode(
    model: nn.Sequential, inputs: Tensor
) -> None:
    expected = explain(model, inputs, "guided_grad_cam", 1).values
    trained = copy.deepcopy(model).train()
    assert torch.equal(explain(trained, inputs, "guided_grad_cam", 1).values, expected)
    assert all(module.training for module in trained.modules())


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_the_caller_s_grad_mode_does_not_matter(
    model: nn.Sequential, inputs: Tensor, mode: Callable[[], Any]
) -> None:
    expected = {name: explain(model, inputs, name, 1).values for name in METHODS}
    with mode():
        made_inside = inputs.clone()
        copied_inside = copy.deepcopy(model)
        for name, values in expected.items():
            assert torch.equal(explain(model, inputs, name, 1).values, values)
            assert torch.equal(explain(model, made_inside, name, 1).values, values)
            assert torch.equal(explain(copied_inside, made_inside, name, 1).values, values)
        modes = (torch.is_grad_enabled(), torch.is_inference_mode_enabled())
    assert modes == (mode is torch.enable_grad, mode is torch.inference_mode)
    # What was made under inference_mode can be explained outside too.
    assert torch.equal(
        explain(copied_inside, made_inside, "saliency", 1).values, expected["saliency"]
    )


def test_a_frozen_model_is_explained_like_any_other(model: nn.Sequential, inputs: Tensor) -> None:
    expected = {name: explain(model, inputs, name, 1).values for name in METHODS}
    model.requires_grad_(False)
    for name, values in expected.items():
        assert torch.equal(explain(model, inputs, name, 1).values, values)
