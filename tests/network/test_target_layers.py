"""The layers offered are those that a person would choose from."""

from __future__ import annotations

import pytest
import timm
import torch
from torch import Tensor, nn

from xcnn_widgets import demo
from xcnn_widgets.methods.explanation import explain
from xcnn_widgets.network.layers import default_layer, layer_shapes, target_layers
from xcnn_widgets.network.layouts import Layout, layout_of
from xcnn_widgets.passes.forward_pass import ForwardPass

from ..models.zoo import classifier, picture_for

OFFERED = {
    "resnet18": "relu layer1 layer2 layer3 layer4",
    "vgg16": "features.3 features.8 features.15 features.22 features.29",
    "alexnet": "features.1 features.4 features.7 features.9 features.11",
    "maxvit_t": "stem blocks.0 blocks.1 blocks.2 blocks.3",
    "regnet_x_400mf": "stem trunk_output.block1 trunk_output.block2 trunk_output.block3 "
    "trunk_output.block4",
    "shufflenet_v2_x0_5": "conv1 stage2 stage3 stage4 conv5",
    # 19 blocks of one kind: the last at each resolution.
    "mobilenet_v2": "features.1 features.3 features.6 features.13 features.18",
    "densenet121": "features.relu0 features.denseblock1 features.transition1 features.denseblock2 "
    "features.transition2 features.denseblock3 features.transition3 features.denseblock4 "
    "features.norm5",
    "swin_t": "features.0 features.1 features.2 features.3 features.4 features.5 features.6 "
    "features.7 norm",
    # Its last layer's picture tokens have no part in the answer.
    "vit_b_32": "conv_proj " + " ".join(f"encoder.layers.encoder_layer_{i}" for i in range(11)),
}


@pytest.mark.parametrize("name", OFFERED)
def test_the_stages_are_offered_in_the_order_of_the_forward_pass(name: str) -> None:
    model, inputs = classifier(name), picture_for(name)
    offered = target_layers(model, inputs)
    assert offered == OFFERED[name].split()
    assert default_layer(model, inputs) == offered[-1]
    everything = target_layers(model, inputs, "all")
    assert [layer for layer in everything if layer in offered] == offered
    assert "" not in everything


def test_the_demo_network_s_layers() -> None:
    offered = target_layers(demo.load().model, torch.randn(1, 3, 96, 64))
    assert offered[:2] == ["bn1", "blocks.0"] or offered[0].startswith("conv_stem")
    assert [f"blocks.{i}" for i in range(7)] == [name for name in offered if name[:6] == "blocks"]
    assert offered[-1] == "bn2"


def test_the_answer_is_the_same_every_time() -> None:
    lists = {
        tuple(target_layers(classifier("vit_b_32"), picture_for("vit_b_32"))) for _ in range(3)
    }
    assert len(lists) == 1


def test_a_batch_and_one_sample_are_offered_the_same() -> None:
    model = classifier("swin_v2_t")
    assert target_layers(model, picture_for("swin", 2)) == target_layers(model, picture_for("swin"))


def test_shapes_are_channels_height_width() -> None:
    model, inputs = classifier("swin_t"), picture_for("swin_t")
    shapes = layer_shapes(model, inputs, ["features.1", "norm"])
    assert shapes == {"features.1": (96, 16, 24), "norm": (768, 2, 3)}


@pytest.mark.parametrize("name", ["swin_t", "vit_b_32"])
def test_channels_last_and_tokens_become_maps(name: str) -> None:
    model, inputs = classifier(name), picture_for(name)
    layer = default_layer(model, inputs)
    forward = ForwardPass(model, inputs, [layer])
    channels, height, width = layer_shapes(model, inputs, [layer])[layer]
    activation, gradient = forward.activation(layer), forward.gradient(3, layer)
    assert activation.shape == gradient.shape == (1, channels, height, width)
    seen: list[Tensor] = []
    hook = model.get_submodule(layer).register_forward_hook(lambda *call: seen.append(call[2]))
    model(inputs)
    hook.remove()
    cells = seen[0].reshape(1, -1, channels)[:, -height * width :]
    rows = cells.reshape(1, height, width, channels)
    torch.testing.assert_close(activation[0, :, 1, 2], rows[0, 1, 2], rtol=1e-3, atol=1e-3)
    assert explain(model, inputs, target=3).values.shape == (1, height, width)


def test_tokens_before_the_grid_are_recognised() -> None:
    # A class token and four registers before 4 x 6 patches.
    model = timm.create_model(
        "vit_small_patch14_reg4_dinov2", img_size=(56, 84), num_classes=5, depth=3
    ).eval()
    nn.init.normal_(model.get_parameter("head.weight"))
    inputs = torch.randn(1, 3, 56, 84)
    offered = target_layers(model, inputs)
    assert "blocks.0" in offered and "blocks.1" in offered
    assert "blocks.2" not in offered, "after it only the class token is read"
    assert explain(model, inputs, layer="blocks.1").values.shape == (1, 4, 6)


LAST = "encoder.layers.encoder_layer_11"


def test_weights_that_are_loaded_later_change_what_is_ignored() -> None:
    model, inputs = classifier("vit_b_32"), picture_for("vit_b_32")
    head = model.get_parameter("heads.head.weight")
    weights = head.clone()
    head.data.zero_()
    assert target_layers(model, inputs)[-2:] == [LAST, "encoder.ln"]
    with torch.no_grad():
        head.copy_(weights)
    assert LAST not in target_layers(model, inputs)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((2, 8, 4, 6), Layout("channels_first", 8, 4, 6)),
        ((2, 4, 6, 40), Layout("channels_last", 40, 4, 6)),
        ((2, 24, 8), Layout("tokens", 8, 4, 6)),
        ((2, 25, 8), Layout("tokens", 8, 4, 6, 1)),
        ((2, 29, 8), Layout("tokens", 8, 4, 6, 5)),
        ((2, 23, 8), None),  # no number of rows and columns fits
        ((1, 8, 4, 6), None),  # another number of samples
        ((2, 8), None),
        ((2, 3, 8, 4, 6), None),
    ],
)
def test_a_grid_is_told_from_the_shapes(shape: tuple[int, ...], expected: Layout | None) -> None:
    assert layout_of(torch.zeros(shape), torch.zeros(2, 3, 64, 96)) == expected


def test_tokens_without_a_grid_are_refused_with_a_sentence(inputs: Tensor) -> None:
    class Mixed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.patches, self.mix = nn.Conv2d(3, 8, 2, 2), nn.Linear(8, 8)
            self.head = nn.Linear(8, 2)

        def forward(self, x: Tensor) -> Tensor:
            tokens = self.patches(x).flatten(2).transpose(1, 2)[:, :23]
            scores: Tensor = self.head(self.mix(tokens).mean(dim=1))
            return scores

    message = r"'mix' returns \(2, 23, 8\) .* no tokens that fill the picture's grid; .*'patches'"
    with pytest.raises(ValueError, match=message):
        explain(Mixed(), inputs, layer="mix")
    assert target_layers(Mixed(), inputs) == ["patches"]


def test_a_plain_sequential_and_containers_that_are_not_called(inputs: Tensor) -> None:
    class Listed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stages = nn.ModuleList(
                nn.Sequential(nn.Conv2d(a, b, 3, padding=1), nn.ReLU())
                for a, b in [(3, 4), (4, 5), (5, 6), (6, 7)]
            )
            self.heads = nn.ModuleDict({"main": nn.Linear(7, 3)})

        def forward(self, x: Tensor) -> Tensor:
            for number, stage in enumerate(self.stages):
                x = stage(x)
                if number % 2:
                    x = nn.functional.max_pool2d(x, 2)
            scores: Tensor = self.heads["main"](x.mean(dim=(2, 3)))
            return scores

    model = Listed()
    assert target_layers(model, inputs) == [f"stages.{i}" for i in range(4)]
    assert explain(model, inputs, target=1).values.shape == (2, 4, 6)
    plain = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(4, 5, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    )  # fmt: skip
    assert target_layers(plain, inputs) == ["2", "5"]


def test_a_traced_graph_offers_what_its_model_does() -> None:
    model, inputs = classifier("resnet18"), picture_for("resnet18")
    traced = target_layers(torch.fx.symbolic_trace(model), inputs)
    assert traced[0] == "relu"
    assert traced[-1].startswith("layer4.1")
