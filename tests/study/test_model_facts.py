"""What models of timm, transformers and torchvision say of their channels, classes and pictures."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import timm
import torch
import transformers
from PIL import Image
from timm.data.transforms_factory import create_transform
from torch import Tensor, nn
from torchvision.models import ResNet18_Weights, resnet18
from torchvision.transforms import ToTensor

from xcnn_widgets.study.exploration import Exploration
from xcnn_widgets.study.model_facts import (
    class_names_of,
    input_channels,
    input_dimensions,
    model_facts,
    trial_of,
)

HEIGHT, WIDTH = 50, 70
NAMES = {0: "ant", 1: "bee", 2: "cat"}


def photo(mode: str = "RGB") -> Image.Image:
    levels = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    return Image.fromarray(levels).convert(mode)


class HeadFirst(nn.Module):
    """Keeps its layers in another order than it runs them."""

    def __init__(self, channels: int = 3, classes: int = 3) -> None:
        super().__init__()
        self.head = nn.Conv2d(16, classes, 1)
        self.stem = nn.Conv2d(channels, 16, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.relu(self.stem(x))).mean((2, 3))


def small_vit(**changes: Any) -> Any:
    settings: dict[str, Any] = {
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 48,
        "image_size": (32, 48),
        "patch_size": 8,
        "id2label": NAMES,
    }
    config = transformers.ViTConfig(**(settings | changes))
    return transformers.ViTForImageClassification(config).eval()


def prepared(model: Any, images: Any, **options: Any) -> Any:
    return Exploration(model, images, **options).prepared(0)


@pytest.mark.parametrize(
    ("model", "channels"),
    [
        (nn.Sequential(nn.ReLU(), nn.Conv2d(6, 4, 3), nn.Conv2d(4, 2, 3)), 6),
        (nn.Conv2d(6, 6, 3, groups=6), 6),
        (nn.Conv3d(1, 4, 3), 1),
        (nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 10)), 1),
        (nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 10)), 3),
        (nn.Linear(3 * 16 * 16, 64), 3),
        (nn.Linear(10, 64), None),
        (nn.LazyConv2d(4, 3), None),
        (nn.ReLU(), None),
        (torch.jit.script(nn.Sequential(nn.Conv2d(2, 4, 3))), 2),
    ],
)
def test_the_first_layer_tells_the_channels(model: nn.Module, channels: int | None) -> None:
    assert input_channels(model) == channels


@pytest.mark.parametrize(
    ("model", "dimensions", "channels"),
    [
        (nn.Sequential(nn.Conv1d(4, 2, 3), nn.Unflatten(1, (1, 2)), nn.Conv2d(1, 3, 3)), 1, 4),
        (nn.Sequential(nn.Conv3d(2, 4, 3), nn.Conv2d(4, 2, 3)), 3, 2),
        (nn.Sequential(nn.Conv2d(6, 4, 3), nn.Conv1d(4, 2, 3)), 2, 6),
        (nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 10)), 2, 1),
        (torch.jit.script(nn.Sequential(nn.Conv1d(2, 4, 3))), 1, 2),
    ],
)
def test_the_first_convolution_tells_the_sides_of_an_input(
    model: nn.Module, dimensions: int, channels: int
) -> None:
    assert input_dimensions(model) == dimensions
    assert input_channels(model) == channels


def test_a_trial_tells_what_the_first_layer_that_runs_takes_and_leaves_the_model_alone() -> None:
    model = HeadFirst(2).train()
    assert input_channels(model) == 16
    refused = trial_of(model, torch.rand(3, 8, 12))
    assert refused.channels == 2
    assert refused.complaint.startswith("RuntimeError: ")
    assert trial_of(model, torch.rand(2, 8, 12)).complaint == ""
    assert model.training
    assert not any(module._forward_pre_hooks for module in model.modules())


@pytest.mark.parametrize("channels", [1, 2, 3, 6])
def test_tensors_fit_a_model_whose_weights_stand_in_another_order(channels: int) -> None:
    inputs = torch.rand(2, channels, 24, 36)
    exploration = Exploration(HeadFirst(channels).eval(), inputs)
    assert torch.equal(exploration.prepared(1).input, inputs[1])
    with pytest.raises(ValueError, match=f"5 channels, but the model takes {channels} channel"):
        prepared(HeadFirst(channels).eval(), torch.rand(5, 24, 36))


@pytest.mark.parametrize("transform", [None, ToTensor()])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_pictures_fit_such_a_model_too(mode: str, transform: Any) -> None:
    grey = prepared(HeadFirst(1).eval(), photo(mode), transform=transform)
    torch.testing.assert_close(grey.input, ToTensor()(photo(mode).convert("L")))
    coloured = prepared(HeadFirst(3).eval(), photo(mode), transform=transform)
    assert len(coloured.input) == 3


def test_a_model_says_nothing_of_weights_that_it_does_not_know() -> None:
    facts = model_facts(resnet18())
    assert (facts.class_names, facts.transform, facts.note) == (None, None, "")


def test_a_holder_of_torchvisions_weights_brings_their_transforms_and_classes() -> None:
    weights = ResNet18_Weights.DEFAULT
    holder = SimpleNamespace(model=resnet18().eval(), weights=weights)
    exploration = Exploration(holder, photo())
    assert torch.equal(exploration.prepared(0).input, weights.transforms()(photo()))
    assert exploration.class_names.name(281) == "tabby"
    assert exploration.prepared(0).note == ""
    given = prepared(resnet18().eval(), photo(), transform=weights)
    assert torch.equal(given.input, weights.transforms()(photo()))


def test_what_a_holder_says_comes_first() -> None:
    holder = SimpleNamespace(
        model=timm.create_model("resnet18").eval(), transform=ToTensor(), class_names=["a"] * 1000
    )
    facts = model_facts(holder)
    assert (facts.transform, facts.names_are_said, facts.note) == (holder.transform, True, "")


def test_a_model_of_timm_says_how_its_pictures_are_prepared_and_what_its_classes_are() -> None:
    model = timm.create_model("tf_efficientnet_lite0").eval()
    exploration = Exploration(model, photo())
    expected = create_transform(
        (3, 224, 224), interpolation="bicubic", mean=(0.5,) * 3, std=(0.5,) * 3, crop_pct=0.875
    )
    assert torch.equal(exploration.prepared(0).input, expected(photo()))
    assert "timm's pretrained_cfg" in exploration.prepared(0).note
    assert exploration.class_names.index("tabby") == 281
    # Where one word means two classes, all of them stand.
    assert exploration.class_names.name(639) == "maillot, tank suit"


def test_a_model_of_timm_made_for_another_size_and_one_channel_gets_that() -> None:
    model = timm.create_model("vit_tiny_patch16_224", img_size=(32, 48), in_chans=1).eval()
    for mode in ("L", "RGB"):
        found = prepared(model, photo(mode))
        assert found.input.shape == (1, 32, 48)
        assert found.picture.shape == (32, 48, 3)
    assert trial_of(model, found.input).complaint == ""


def test_a_stem_that_folds_pixels_into_channels_still_takes_three() -> None:
    model = timm.create_model("tresnet_m").eval()
    assert input_channels(model) == 48
    assert prepared(model, photo()).input.shape == (3, 224, 224)
    tensor = torch.rand(3, 64, 96)
    assert torch.equal(prepared(model, tensor).input, tensor)


@pytest.mark.parametrize("head", ["made with", "put on"])
def test_names_are_not_guessed_for_a_head_of_another_size(head: str) -> None:
    if head == "made with":
        model = timm.create_model("resnet18", num_classes=7).eval()
    else:
        model = timm.create_model("resnet18").eval()
        model.fc = nn.Linear(512, 7)
    assert class_names_of(model) is None


def test_names_that_turn_out_not_to_fit_the_answer_are_forgotten() -> None:
    class Cut(HeadFirst):
        weights = ResNet18_Weights.DEFAULT

        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x)[:, :5]

    exploration = Exploration(Cut(classes=1000).eval(), torch.rand(3, 24, 36))
    assert exploration.class_names.name(0) == "tench"
    assert exploration.predictions(0, 1)[0].name.startswith("class ")


def test_names_that_are_given_and_do_not_fit_are_an_error() -> None:
    exploration = Exploration(HeadFirst().eval(), torch.rand(3, 24, 36), ["a", "b"])
    with pytest.raises(ValueError, match="2 names, but the model has 3 classes"):
        exploration.predictions(0)


def test_a_model_of_transformers_names_its_classes_and_its_size() -> None:
    exploration = Exploration(small_vit(), photo())
    found = exploration.prepared(0)
    assert exploration.class_names.as_list() == ["ant", "bee", "cat"]
    assert found.input.shape == (3, 32, 48)
    assert found.picture.shape == (32, 48, 3)
    assert "ViTImageProcessor as it is by default" in found.note
    # To [-1, 1]: what its image processor does with a picture of one colour.
    white = prepared(small_vit(), Image.new("RGB", (WIDTH, HEIGHT), "white"))
    torch.testing.assert_close(white.input, torch.ones(3, 32, 48))
    assert (white.picture == 255).all()


def test_labels_that_say_nothing_are_no_names() -> None:
    assert class_names_of(small_vit(id2label={0: "LABEL_0", 1: "LABEL_1"})) is None


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_model_of_transformers_with_one_channel_is_given_grey(mode: str) -> None:
    found = prepared(small_vit(num_channels=1), photo(mode))
    assert found.input.shape == (1, 32, 48)


def test_the_image_processor_saved_beside_the_weights_is_used(tmp_path: Path) -> None:
    processor = transformers.ViTImageProcessor(
        size={"height": 32, "width": 48}, image_mean=[0.1, 0.2, 0.3], image_std=[1.0, 2.0, 4.0]
    )
    small_vit().save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    model = transformers.ViTForImageClassification.from_pretrained(tmp_path)
    found = prepared(model, Image.new("RGB", (WIDTH, HEIGHT), "white"))
    torch.testing.assert_close(found.input[:, 0, 0], torch.tensor([0.9, 0.4, 0.175]))
    assert str(tmp_path) in found.note
    assert (found.picture == 255).all()


@pytest.mark.parametrize("handed", ["as transform", "by a holder", "by a processor of a holder"])
def test_an_image_processor_that_is_handed_over_is_used(handed: str) -> None:
    processor = transformers.ViTImageProcessor(size={"height": 32, "width": 48})
    expected = processor(images=photo(), return_tensors="pt")["pixel_values"][0]
    model: Any = small_vit()
    options = {}
    if handed == "as transform":
        options = {"transform": processor}
    elif handed == "by a holder":
        model = SimpleNamespace(model=model, image_processor=processor)
    else:
        model = SimpleNamespace(model=model, processor=processor)
    found = prepared(model, photo(), **options)
    assert torch.equal(found.input, expected)
    assert found.note == ""


FAMILIES: dict[str, dict[str, Any]] = {
    "DeiT": {"image_size": 32, "patch_size": 8},
    "Beit": {"image_size": 32, "patch_size": 8},
    "Dinov2": {"image_size": 28, "patch_size": 14},
    "ConvNext": {"hidden_sizes": [8, 8, 8, 8], "depths": [1, 1, 1, 1], "image_size": 64},
    "MobileNetV2": {"image_size": 64},
    "Swin": {"image_size": 32, "patch_size": 2, "embed_dim": 8, "depths": [1, 1], "num_heads": [1, 1]},
}  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
def test_families_of_transformers_get_pictures_of_their_size(family: str) -> None:
    small = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    small = small if family in {"DeiT", "Beit", "Dinov2"} else {}
    config = getattr(transformers, f"{family}Config")(**small, **FAMILIES[family], id2label=NAMES)
    model = getattr(transformers, f"{family}ForImageClassification")(config).eval()
    side = FAMILIES[family]["image_size"]
    found = prepared(model, photo())
    assert found.input.shape == (3, side, side)
    assert found.picture.shape == (side, side, 3)
    assert trial_of(model, found.input).complaint == ""


def test_what_holds_no_model_is_refused() -> None:
    with pytest.raises(TypeError, match=r"str; expected a torch\.nn\.Module"):
        model_facts("resnet18")
