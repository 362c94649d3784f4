"""CNNExplainer answers explainable-cnn's calls, repeatably and without a trace."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision
import torchvision.transforms as v1
from captum.attr import GuidedBackprop, LayerAttribution, LayerGradCam
from PIL import Image
from torch import Tensor, nn

from xcnn_widgets.explainable_cnn import BaseExplainer, CNNExplainer
from xcnn_widgets.imaging.overlays import colour_table, signed_picture

NAMES = {0: "tabby", 1: "tiger cat", 2: "crane", 3: "crane"}
SHAPE = (24, 36)
CALLS = ("get_saliency_map", "get_guided_back_propagation", "get_grad_cam", "get_guided_grad_cam")


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 5, 3, stride=2),
        nn.BatchNorm2d(5),
        nn.ReLU(inplace=True),
        nn.Conv2d(5, 7, 3),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(7, 4),
    )


def photo(height: int = 40, width: int = 50) -> Image.Image:
    levels = np.random.default_rng(0).integers(
        0, 256, (height // 10, width // 10, 3), dtype=np.uint8
    )
    return Image.fromarray(levels).resize((width, height), Image.Resampling.BICUBIC)


def resized(shape: tuple[int, int] = SHAPE) -> Image.Image:
    return photo().resize((shape[1], shape[0]), Image.Resampling.BILINEAR)


def preprocessed(shape: tuple[int, int] = SHAPE) -> Tensor:
    to_input = v1.Compose(
        [v1.ToTensor(), v1.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
    )
    return to_input(resized(shape))[None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    photo().save(tmp_path / "cat.png")
    return tmp_path / "cat.png"


@pytest.fixture
def x_cnn() -> CNNExplainer:
    return CNNExplainer(network(), NAMES)


def ask(
    x_cnn: CNNExplainer, call: str, picture: Any, label: Any = 1, shape: Any = SHAPE, **more: Any
) -> Any:
    layers = [["2", "4"]] if "cam" in call else []
    return getattr(x_cnn, call)(picture, label, shape, *layers, **more)


def normalised(heatmap: Tensor) -> np.ndarray:
    heatmap = heatmap - heatmap.min()
    return (heatmap / heatmap.max()).numpy()


def test_the_saliency_is_the_largest_absolute_input_gradient(
    x_cnn: CNNExplainer, path: Path
) -> None:
    inputs = preprocessed().requires_grad_()
    network().eval()(inputs)[0, 1].backward()
    expected = inputs.grad.abs().amax(dim=1)[0].numpy()
    saliency = x_cnn.get_saliency_map(str(path), 1, SHAPE)
    assert (saliency.shape, saliency.dtype) == (SHAPE, np.float32)
    np.testing.assert_allclose(saliency, expected, rtol=1e-4, atol=1e-7)


@pytest.mark.filterwarnings("ignore::UserWarning:captum")
def test_guided_backpropagation_equals_captums_centred_on_mid_grey(
    x_cnn: CNNExplainer, path: Path
) -> None:
    expected = GuidedBackprop(network().eval()).attribute(preprocessed(), target=1)[0]
    shown = x_cnn.get_guided_back_propagation(path, "tiger cat", SHAPE)
    assert (shown.shape, shown.dtype) == ((*SHAPE, 3), np.uint8)
    np.testing.assert_allclose(shown, signed_picture(expected).astype(int), atol=1)


def test_grad_cam_equals_captums_in_jet_half_and_half_with_the_picture(
    x_cnn: CNNExplainer, path: Path
) -> None:
    model = network().eval()
    overlays = x_cnn.get_grad_cam(path, 1, SHAPE, ["4", "2"])
    assert len(overlays) == 2
    for shown, layer in zip(overlays, (model[4], model[2]), strict=True):
        cam = LayerGradCam(model, layer).attribute(preprocessed(), target=1, relu_attributions=True)
        heatmap = normalised(LayerAttribution.interpolate(cam, SHAPE, "bilinear").detach()[0, 0])
        colours = colour_table("jet")[np.minimum(255, np.floor(heatmap * 256)).astype(int)]
        expected = (colours.astype(float) + np.asarray(resized())) / 2
        assert (shown.shape, shown.dtype) == ((*SHAPE, 3), np.uint8)
        # A value at the edge between two colours may fall to either side.
        assert np.quantile(np.abs(shown - expected), 0.99) <= 1
        assert np.abs(shown - expected).max() <= 4


@pytest.mark.filterwarnings("ignore::UserWarning:captum")
def test_guided_grad_cam_is_the_product_of_the_two(x_cnn: CNNExplainer, path: Path) -> None:
    model = network().eval()
    guided = GuidedBackprop(model).attribute(preprocessed(), target=1)
    shown = x_cnn.get_guided_grad_cam(path, 1, SHAPE, ["2", "4"])
    for picture, layer in zip(shown, (model[2], model[4]), strict=True):
        cam = LayerGradCam(model, layer).attribute(preprocessed(), target=1, relu_attributions=True)
        product = guided * LayerAttribution.interpolate(cam, SHAPE, "bilinear")
        np.testing.assert_allclose(picture, signed_picture(product[0]).astype(int), atol=1)


class Corner(nn.Module):
    """Two maps that are the red and the green channel; class 0 reads red, class 1 green."""

    def __init__(self) -> None:
        super().__init__()
        self.maps = nn.Conv2d(3, 2, 1, bias=False)
        self.maps.weight.data = torch.tensor([[1.0, 0, 0], [0, 1, 0]])[:, :, None, None]

    def forward(self, inputs: Tensor) -> Tensor:
        return self.maps(inputs).mean(dim=(2, 3))


def test_hot_is_red_and_hand_computed_numbers_come_out(path: Path) -> None:
    # The gradient of class 0 is the same everywhere, so its Grad-CAM is the red channel, stretched.
    levels = np.zeros((2, 3, 3), np.uint8)
    levels[:, :, 0] = [[0, 128, 255], [0, 0, 255]]
    levels[:, :, 1] = 255
    x_cnn = CNNExplainer(Corner(), ["red", "green"])
    (shown,) = x_cnn.get_grad_cam(levels, "red", (2, 3), ["maps"], v1.ToTensor())
    jet = {"cold": (0, 0, 127), "middle": tuple(colour_table("jet")[128]), "hot": (127, 0, 0)}
    expected = [[jet["cold"], jet["middle"], jet["hot"]], [jet["cold"], jet["cold"], jet["hot"]]]
    np.testing.assert_allclose(shown, (np.array(expected) + levels) / 2, atol=1)
    (reverse,) = x_cnn.get_grad_cam(levels, 0, (2, 3), ["maps"], v1.ToTensor(), colormap="jet_r")
    np.testing.assert_allclose(reverse[0, 2], (np.array(jet["cold"]) + levels[0, 2]) / 2, atol=1)
    saliency = x_cnn.get_saliency_map(levels, 0, (2, 3), v1.ToTensor())
    np.testing.assert_allclose(saliency, np.full((2, 3), 1 / 6), rtol=1e-6)


def test_a_shape_is_height_and_width_and_nothing_is_scrambled(
    x_cnn: CNNExplainer, path: Path
) -> None:
    half = Image.new("RGB", (50, 40))
    half.paste((255, 255, 255), (0, 0, 50, 20))
    shapes: list[Any] = [(24, 36), (36, 24), [24, 36], (24, 36, 3), (np.int64(24), np.int32(36))]
    for shape in shapes:
        height, width = int(shape[0]), int(shape[1])
        model = Corner()
        (shown,) = CNNExplainer(model, ["a", "b"]).get_grad_cam(half, 0, shape, ["maps"])
        assert shown.shape == (height, width, 3)
        # The white half above is hot, in every row and column of it.
        assert (shown[: height // 2 - 2] == shown[0, 0]).all()
        assert (shown[height // 2 + 2 :] == shown[-1, -1]).all()
        assert shown[0, 0, 0] > shown[0, 0, 2]
        assert x_cnn.get_saliency_map(path, 0, shape).shape == (height, width)


@pytest.mark.parametrize("call", CALLS)
def test_the_same_question_gets_the_same_answer_whatever_was_asked_before(
    call: str, path: Path
) -> None:
    model = network().train()
    used = CNNExplainer(model, NAMES)
    first = ask(used, call, path)
    for other in CALLS:
        ask(used, other, path, label="tabby")
    fresh = ask(CNNExplainer(network(), NAMES), call, path)
    np.testing.assert_array_equal(ask(used, call, path), first)
    np.testing.assert_array_equal(fresh, first)


@pytest.mark.parametrize("call", CALLS)
def test_nothing_is_left_on_the_model(call: str, path: Path) -> None:
    model = network()
    model[0].eval()
    model[3].weight.requires_grad_(False)
    flags = [module.training for module in model.modules()]
    state = {name: value.clone() for name, value in model.state_dict().items()}
    ask(CNNExplainer(model, NAMES), call, path)
    assert [module.training for module in model.modules()] == flags
    assert all(parameter.grad is None for parameter in model.parameters())
    assert [p.requires_grad for p in model.parameters()].count(False) == 1
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    for module in model.modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
        assert not module._backward_hooks
        assert not module._backward_pre_hooks


class Counting(nn.Module):
    """Counts the forward and the backward passes through a model."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.passes = {"forward": 0, "backward": 0}

    def forward(self, inputs: Tensor) -> Tensor:
        self.passes["forward"] += 1
        logits = self.model(inputs)
        if logits.requires_grad:
            logits.register_hook(lambda gradient: self.count_backward())
        return logits

    def count_backward(self) -> None:
        self.passes["backward"] += 1


def test_many_layers_cost_one_forward_and_one_backward_pass_a_rule(path: Path) -> None:
    layers = [f"model.{i}" for i in (0, 1, 2, 3, 4)]
    expected: dict[Callable[[CNNExplainer], Any], int] = {
        lambda x_cnn: x_cnn.get_grad_cam(path, 1, SHAPE, layers): 1,
        lambda x_cnn: x_cnn.get_guided_grad_cam(path, 1, SHAPE, layers): 2,
        lambda x_cnn: x_cnn.compare(path, 1, layers, SHAPE): 2,
    }
    for call, backward in expected.items():
        model = Counting(network())
        x_cnn = CNNExplainer(model, NAMES)
        # The first call also finds out where the layers are.
        call(x_cnn)
        model.passes = {"forward": 0, "backward": 0}
        call(x_cnn)
        assert model.passes == {"forward": 1, "backward": backward}


def test_layers_come_back_in_the_order_asked_and_as_often(x_cnn: CNNExplainer, path: Path) -> None:
    for call in (x_cnn.get_grad_cam, x_cnn.get_guided_grad_cam):
        (two,), (four,) = call(path, 1, SHAPE, ["2"]), call(path, 1, SHAPE, ("4",))
        assert not np.array_equal(two, four)
        np.testing.assert_array_equal(call(path, 1, SHAPE, ["4", "2", "4"]), [four, two, four])
        np.testing.assert_array_equal(call(path, 1, SHAPE, "4"), [four])
        assert call(path, 1, SHAPE, []) == []


@pytest.mark.parametrize("label", [1, "tiger cat", "Tiger Cat", np.int64(1), torch.tensor(1)])
def test_a_label_is_an_index_or_a_name(x_cnn: CNNExplainer, path: Path, label: Any) -> None:
    np.testing.assert_array_equal(
        x_cnn.get_saliency_map(path, label, SHAPE), x_cnn.get_saliency_map(path, 1, SHAPE)
    )


def test_any_kind_of_picture_will_do(x_cnn: CNNExplainer, path: Path) -> None:
    expected = x_cnn.get_saliency_map(str(path), 1, SHAPE)
    for picture in (path, path.read_bytes(), photo(), np.asarray(photo()), v1.ToTensor()(photo())):
        np.testing.assert_array_equal(x_cnn.get_saliency_map(picture, 1, SHAPE), expected)


def test_transforms_get_the_resized_picture_or_its_array(x_cnn: CNNExplainer, path: Path) -> None:
    expected = x_cnn.get_guided_grad_cam(path, 1, SHAPE, ["4"])
    normalise = v1.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    for first in (v1.ToTensor(), v1.Compose([v1.ToPILImage(), v1.ToTensor()])):
        shown = x_cnn.get_guided_grad_cam(path, 1, SHAPE, ["4"], v1.Compose([first, normalise]))
        np.testing.assert_array_equal(shown, expected)


def test_the_overlay_shows_what_the_transforms_cropped(x_cnn: CNNExplainer, path: Path) -> None:
    transforms = v1.Compose([v1.CenterCrop((12, 18)), v1.ToTensor()])
    (shown,) = x_cnn.get_grad_cam(path, 1, SHAPE, ["4"], transforms)
    assert shown.shape == (12, 18, 3)
    assert x_cnn.get_saliency_map(path, 1, SHAPE, transforms).shape == (12, 18)
    half = np.asarray(v1.CenterCrop((12, 18))(resized())) / 2
    assert (np.abs(shown - half) <= 128).all()


def test_compare_draws_layers_by_methods(x_cnn: CNNExplainer, path: Path) -> None:
    figure = x_cnn.compare(path, "tiger cat", ["2", "4"], SHAPE)
    drawn = [np.asarray(axes.images[0].get_array()) for axes in figure.axes]
    cams = x_cnn.get_grad_cam(path, 1, SHAPE, ["2", "4"])
    guided = x_cnn.get_guided_grad_cam(path, 1, SHAPE, ["2", "4"])
    np.testing.assert_array_equal(drawn, [cams[0], guided[0], cams[1], guided[1]])
    assert [axes.get_title() for axes in figure.axes[:2]] == ["Grad-CAM", "Guided Grad-CAM"]
    assert [axes.texts[0].get_text() for axes in figure.axes[::2]] == ["2", "4"]
    assert figure.texts[0].get_text() == "tiger cat"
    with pytest.raises(ValueError, match="at least one layer"):
        x_cnn.compare(path, 1, [])


WRONG: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"label": "tabbi"}, ValueError, "no class 'tabbi'; did you mean 'tabby'"),
    ({"label": "crane"}, ValueError, "named 'crane': 2, 3"),
    ({"label": 4}, ValueError, "no class 4 in class_map; it has 4, 0 to 3"),
    ({"label": "class 4"}, ValueError, "no class 4 in class_map; it has 4, 0 to 3"),
    ({"label": -1}, ValueError, "no class -1"),
    ({"label": 1.0}, TypeError, "1.0 is a float; expected a class index or a name"),
    ({"label": None}, TypeError, "NoneType"),
    ({"label": True}, TypeError, "True is a bool"),
    ({"label": [1]}, TypeError, "is a list"),
    ({"label": np.array([0, 1])}, TypeError, "is a ndarray"),
    ({"label": torch.tensor(1.0)}, TypeError, "is a Tensor"),
    ({"shape": 224}, TypeError, "224 is a int; expected a tuple or list"),
    ({"shape": "24"}, TypeError, "is a str"),
    ({"shape": np.array([24, 36])}, TypeError, "ndarray"),
    ({"shape": (24,)}, ValueError, r"\(24,\) has 1 numbers; expected \(H, W\)"),
    ({"shape": (1, 3, 24, 36)}, ValueError, "has 4 numbers"),
    ({"shape": (0, 36)}, ValueError, "less than one pixel"),
    ({"shape": (24.0, 36.0)}, TypeError, "integers"),
    ({"shape": (3, 24, 36)}, ValueError, "36 channels.*channels last"),
    ({"transforms": 3}, TypeError, "not callable"),
    ({"transforms": "ToTensor"}, TypeError, "not callable"),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(("arguments", "error", "hint"), WRONG)
def test_a_wrong_argument_is_named_before_the_picture_is_opened(
    x_cnn: CNNExplainer, call: str, arguments: dict[str, Any], error: type[Exception], hint: str
) -> None:
    with pytest.raises(error, match=hint):
        ask(x_cnn, call, "no such file.png", **arguments)


@pytest.mark.parametrize(
    ("layers", "error", "hint"),
    [
        (["2", "no_layer"], ValueError, "no layer 'no_layer'; the model has"),
        ("no_layer", ValueError, "no layer 'no_layer'"),
        ([2], ValueError, "layer 2 is a int; expected a name"),
        (["2", 1.5], ValueError, r"layer 1\.5 is a float"),
        ([None], ValueError, "layer None is a NoneType"),
        ([b"2"], ValueError, "layer b'2' is a bytes"),
        ([["2"]], ValueError, "is a list"),
        (None, TypeError, "layers None is a NoneType; expected names"),
        (4, TypeError, "layers 4 is a int"),
    ],
)
def test_a_wrong_layer_is_named_before_the_picture_is_opened(
    x_cnn: CNNExplainer, layers: Any, error: type[Exception], hint: str
) -> None:
    for call in (x_cnn.get_grad_cam, x_cnn.get_guided_grad_cam):
        with pytest.raises(error, match=hint):
            call("no such file.png", 1, SHAPE, layers)


def test_a_wrong_colormap_is_named_before_the_picture_is_opened(x_cnn: CNNExplainer) -> None:
    with pytest.raises(ValueError, match="no colormap 'jett'"):
        x_cnn.get_grad_cam("no such file.png", 1, SHAPE, ["2"], colormap="jett")


@pytest.mark.parametrize("call", CALLS)
def test_a_missing_and_a_broken_file_are_named(
    x_cnn: CNNExplainer, call: str, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError, match=r"cat\.png"):
        ask(x_cnn, call, str(tmp_path / "cat.png"))
    (tmp_path / "text.jpg").write_text("no picture")
    with pytest.raises(ValueError, match=r"text\.jpg"):
        ask(x_cnn, call, tmp_path / "text.jpg")


def test_a_class_is_found_by_index_and_by_name() -> None:
    x_cnn = CNNExplainer(network(), {0: "tabby", 7: "lynx"})
    assert x_cnn.get_label_name_from_index(7) == "lynx"
    assert x_cnn.get_label_name_from_index(np.int64(7)) == "lynx"
    assert x_cnn.get_label_index_from_name("lynx") == 7
    assert x_cnn.get_label_information("lynx") == (7, "lynx")
    assert x_cnn.get_label_information(0) == (0, "tabby")
    # As the four calls do, without regard to case; what comes back is the name as it is known.
    assert x_cnn.get_label_information("LYNX") == (7, "lynx")
    index, _ = x_cnn.get_label_information(torch.tensor(7))
    assert type(index) is int


def test_the_class_map_is_kept_both_ways_round() -> None:
    x_cnn = CNNExplainer(network(), NAMES)
    assert x_cnn.class_map == NAMES
    # "crane" is in it twice, as in ImageNet: the last one counts, as in explainable-cnn.
    assert x_cnn.reverse_class_map == {"tabby": 0, "tiger cat": 1, "crane": 3}
    assert CNNExplainer(network(), ["a", "b"]).class_map == {0: "a", 1: "b"}
    assert CNNExplainer(network(), ["a", "b"]).reverse_class_map == {"a": 0, "b": 1}


@pytest.mark.parametrize(
    ("call", "argument", "error", "hint"),
    [
        ("get_label_name_from_index", "tabby", ValueError, "index 'tabby' is a str; expected an"),
        ("get_label_name_from_index", 1.0, ValueError, r"index 1\.0 is a float"),
        ("get_label_name_from_index", True, ValueError, "index True is a bool"),
        ("get_label_name_from_index", None, ValueError, "index None is a NoneType"),
        ("get_label_name_from_index", torch.tensor(1.0), ValueError, "is a Tensor"),
        ("get_label_name_from_index", 4, ValueError, "no class 4 in class_map; it has 4, 0 to 3"),
        ("get_label_name_from_index", -1, ValueError, "no class -1"),
        ("get_label_index_from_name", 1, ValueError, "name 1 is a int; expected a str"),
        ("get_label_index_from_name", None, ValueError, "name None is a NoneType"),
        ("get_label_index_from_name", "tabbi", ValueError, "no class 'tabbi'; did you mean"),
        ("get_label_index_from_name", "class 9", ValueError, "no class 9 in class_map"),
        ("get_label_index_from_name", "crane", ValueError, "named 'crane': 2, 3"),
        ("get_label_information", 1.5, TypeError, r"label 1\.5 is a float; expected a class index"),
        ("get_label_information", None, TypeError, "label None is a NoneType"),
        ("get_label_information", [1], TypeError, r"label \[1\] is a list"),
        ("get_label_information", 4, ValueError, "no class 4"),
        ("get_label_information", "tabbi", ValueError, "no class 'tabbi'"),
    ],
)
def test_a_wrong_label_is_named(
    x_cnn: CNNExplainer, call: str, argument: Any, error: type[Exception], hint: str
) -> None:
    with pytest.raises(error, match=hint):
        getattr(x_cnn, call)(argument)


def test_an_explainer_is_a_base_explainer_with_classes(x_cnn: CNNExplainer) -> None:
    assert isinstance(x_cnn, BaseExplainer)
    model = network()
    base = BaseExplainer(model, "cpu")
    assert base.model is model
    assert base.device == base.get_device("cpu") == torch.device("cpu")
    assert base.get_reverse_class_map({0: "a", 5: "b"}) == {"a": 0, "b": 5}
    assert base.get_unique_layers(["4", "2", "4", "0", "2"]) == ["4", "2", "0"]
    with pytest.raises(ValueError, match=r"no class 0 in class_map; it has 0$"):
        base.get_label_name_from_index(0)


@pytest.mark.parametrize("model", [None, "resnet18", nn.Conv2d, lambda inputs: inputs])
def test_a_model_that_is_no_module_is_a_value_error(model: Any) -> None:
    with pytest.raises(ValueError, match=r"expected a torch\.nn\.Module"):
        CNNExplainer(model, NAMES)


@pytest.mark.parametrize("device", [torch.device("cpu"), 0, None])
def test_a_device_that_is_no_string_is_a_value_error(device: Any) -> None:
    with pytest.raises(ValueError, match=r"device .* expected a str"):
        CNNExplainer(network(), NAMES, device)


def test_an_unknown_device_is_a_runtime_error() -> None:
    with pytest.raises(RuntimeError, match="no device 'gpu'; expected a torch device"):
        CNNExplainer(network(), NAMES, "gpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has the device")
def test_a_device_that_is_not_there_is_a_runtime_error() -> None:
    with pytest.raises(RuntimeError, match=r"cannot be moved to 'cuda'.* 'cpu' always works"):
        CNNExplainer(network(), NAMES, "cuda")


@pytest.mark.parametrize("class_map", ["tabby", 3, {"tabby": 0}])
def test_a_class_map_of_another_kind_is_a_type_error(class_map: Any) -> None:
    with pytest.raises(TypeError, match="class names"):
        CNNExplainer(network(), class_map)


def test_it_keeps_the_four_signatures_of_explainable_cnn() -> None:
    import inspect

    first = ["self", "image_path", "image_label", "input_shape"]
    for call in CALLS:
        parameters = inspect.signature(getattr(CNNExplainer, call)).parameters.values()
        names = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
        assert names == [*first, *(["layers"] if "cam" in call else []), "transforms"]
    constructor = inspect.signature(CNNExplainer).parameters
    positional = [p.name for p in constructor.values() if p.kind is not p.KEYWORD_ONLY]
    assert positional == ["model", "class_map", "device"]
    assert constructor["device"].default == "cpu"


def test_a_residual_network_is_explained_at_every_stage(path: Path) -> None:
    torch.manual_seed(0)
    model = torchvision.models.resnet18()
    x_cnn = CNNExplainer(model, {i: f"class {i}" for i in range(1000)})
    layers = ["relu", "layer1", "layer2", "layer3", "layer4"]
    shown = x_cnn.get_grad_cam(path, 281, (64, 96), layers)
    assert [picture.shape for picture in shown] == [(64, 96, 3)] * 5
    assert repr(x_cnn) == "CNNExplainer(ResNet, 1000 classes, 'cpu')"
