"""The table of methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from torch import Tensor

from ..network.targets import Resolved
from ..passes.forward_pass import ForwardPass
from .cam import grad_cam
from .gradients import guided_grad_cam, input_gradient
from .occlusion import occlusion

Family = Literal["cam", "gradient", "perturbation"]


@dataclass(frozen=True)
class Method:
    """One way to explain.

    Attributes
    ----------
    name, label
        What code and what people call it.
    family
        ``cam``: maps at a layer's resolution; ``gradient``: signed, at the input's;
        ``perturbation``: from many forward passes, at the input's.
    compute
        From (forward pass, target, layer, release, options) to the attribution.
    uses_layer
        Whether the choice of a layer matters.
    uses_relus
        Whether it changes how ReLUs pass gradients back.
    options
        The keyword arguments that it takes beyond target and layer.
    """

    name: str
    label: str
    family: Family
    compute: Callable[[ForwardPass, Resolved, str, bool, Mapping[str, Any]], Tensor]
    uses_layer: bool = False
    uses_relus: bool = False
    options: tuple[str, ...] = ()

    @property
    def uses_input_gradient(self) -> bool:
        """Whether the graph must reach back to the input."""
        return self.family == "gradient"

    @property
    def is_slow(self) -> bool:
        """Whether it needs many forward passes."""
        return self.family == "perturbation"


def _table(*methods: Method) -> Mapping[str, Method]:
    return MappingProxyType({method.name: method for method in methods})


METHODS: Mapping[str, Method] = _table(
    Method(
        "grad_cam",
        "Grad-CAM",
        "cam",
        lambda forward, target, layer, release, _: grad_cam(
            forward, target, layer, release=release
        ),
        uses_layer=True,
    ),
    Method(
        "guided_grad_cam",
        "Guided Grad-CAM",
        "gradient",
        lambda forward, target, layer, release, _: guided_grad_cam(
            forward, target, layer, release=release
        ),
        uses_layer=True,
        uses_relus=True,
    ),
    Method(
        "guided_backprop",
        "Guided backpropagation",
        "gradient",
        lambda forward, target, _, release, __: input_gradient(
            forward, target, "guided", release=release
        ),
        uses_relus=True,
    ),
    Method(
        "saliency",
        "Saliency",
        "gradient",
        lambda forward, target, _, release, __: input_gradient(
            forward, target, "plain", release=release
        ),
    ),
    Method(
        "deconvnet",
        "Deconvnet",
        "gradient",
        lambda forward, target, _, release, __: input_gradient(
            forward, target, "deconvnet", release=release
        ),
        uses_relus=True,
    ),
    Method(
        "occlusion",
        "Occlusion",
        "perturbation",
        lambda forward, target, _, __, options: occlusion(forward, target, **options),
        options=("patch", "stride", "baseline", "batch_size", "exact", "progress", "cancelled"),
    ),
)


def method_named(name: str) -> Method:
    """The method of a name.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name not in METHODS:
        raise ValueError(f"no method {name!r}; there are {', '.join(map(repr, METHODS))}")
    return METHODS[name]
