"""Channels that are switched off: the same as a forward pass by hand with zeroed channels."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from xcnn_widgets.methods import explain_pass
from xcnn_widgets.network.subject import Subject
from xcnn_widgets.passes import silenced_pass


@pytest.mark.parametrize("off", [[], [0], [1, 4]])
def test_it_equals_a_forward_pass_by_hand_with_zeroed_channels(
    model: nn.Sequential, inputs: Tensor, off: list[int]
) -> None:
    forward = silenced_pass(Subject.of(model, inputs), "0", off)
    activation = model[0](inputs)
    activation[:, off] = 0
    leaf = activation.detach().requires_grad_()
    logits = model[1:](leaf)
    torch.testing.assert_close(forward.logits, logits.detach())
    torch.testing.assert_close(forward.activation("0"), leaf.detach())
    gradient = torch.autograd.grad(logits[:, 2].sum(), leaf)[0]
    by_hand = (gradient.mean(dim=(2, 3), keepdim=True) * leaf).sum(dim=1).relu()
    found = explain_pass(forward, "grad_cam", 2, "0").values
    torch.testing.assert_close(found, by_hand.detach())


def test_the_model_runs_once_and_is_left_alone(model: nn.Sequential, inputs: Tensor) -> None:
    model.train()
    subject = Subject.of(model, inputs)
    silenced_pass(subject, "2", [3])
    runs: list[int] = []
    handle = model[0].register_forward_hook(lambda *_: runs.append(1))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    silenced_pass(subject, "2", [3])
    assert runs == [1]
    handle.remove()
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(module.training for module in model.modules())
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())
    assert all(weight.grad is None and weight.requires_grad for weight in model.parameters())


def test_of_tokens_those_of_the_grid_are_set_to_zero() -> None:
    torchvision = pytest.importorskip("torchvision")
    torch.manual_seed(0)
    vit = torchvision.models.VisionTransformer(32, 8, 2, 2, 16, 32, num_classes=5).eval()
    nn.init.normal_(vit.heads.head.weight)
    images = torch.rand(1, 3, 32, 32)
    layer = "encoder.layers.encoder_layer_0"
    found = silenced_pass(Subject.of(vit, images), layer, [2, 7])

    def silence(_module: nn.Module, _args: object, tokens: Tensor) -> Tensor:
        tokens = tokens.clone()
        tokens[:, 1:, [2, 7]] = 0
        return tokens

    vit.get_submodule(layer).register_forward_hook(silence)
    with torch.no_grad():
        torch.testing.assert_close(found.logits, vit(images))


def test_one_call_of_a_layer_that_runs_twice_is_switched_off() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.head = nn.Conv2d(3, 3, 3, padding=1), nn.Linear(3, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.conv(self.conv(x).relu()).mean(dim=(2, 3)))

    torch.manual_seed(0)
    model, inputs = Twice(), torch.rand(1, 3, 6, 8)
    first = model.conv(inputs)
    first[:, 1] = 0
    by_hand = model.head(model.conv(first.relu()).mean(dim=(2, 3)))
    found = silenced_pass(Subject.of(model, inputs), "conv:0", [1])
    torch.testing.assert_close(found.logits, by_hand.detach())


def test_what_cannot_be_switched_off_is_said(model: nn.Sequential, inputs: Tensor) -> None:
    with pytest.raises(ValueError, match="no channel 8: the layer has 8, 0 to 7"):
        silenced_pass(Subject.of(model, inputs), "2", [3, 8])
    with pytest.raises(ValueError, match="layer '6' returns"):
        silenced_pass(Subject.of(model, inputs), "6", [0])
    copied = Subject.of(model, inputs, reshape=lambda output: 1 * output)
    with pytest.raises(ValueError, match="reshape= copies what the layer returned"):
        silenced_pass(copied, "2", [0])
    assert not any(module._forward_hooks for module in model.modules())
