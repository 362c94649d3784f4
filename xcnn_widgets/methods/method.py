"""What a method is: how it computes, and what people have to know to choose it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from torch import Tensor

Family = Literal["cam", "gradient", "path", "perturbation"]
FAMILIES: tuple[Family, ...] = get_args(Family)
Cost = Literal["pass", "passes"]


@dataclass(frozen=True)
class Method:
    """One way to explain.

    Attributes
    ----------
    name, label
        What code and what people call it.
    family
        ``cam``: maps ``(B, h, w)`` at a layer's resolution; ``gradient``: ``(B, C, H, W)``, signed, from one
        backward pass; ``path``: the same, averaged over many; ``perturbation``: ``(B, H, W)``, from many forward passes.
    compute
        From a question, and the options as keyword arguments, to the attribution.
    sentence
        What it shows, and what to beware of, in one sentence.
    source
        The paper.
    cost
        ``pass``: one backward pass at most through what was recorded; ``passes``: many passes through the model.
    uses_layer
        Whether the choice of a layer matters.
    uses_relus
        Whether it changes how ReLUs pass gradients back.
    uses_gradient
        Whether it asks a gradient at all.
    is_signed
        Whether its map says what speaks for the target and what against it.
    is_class_discriminative
        Whether another class makes another map.
    options
        The keyword arguments that it takes beyond target and layer.
    library
        Whose it is, if it is not ours.
    """

    name: str
    label: str
    family: Family
    compute: Callable[..., Tensor]
    sentence: str = ""
    source: str = ""
    cost: Cost = "pass"
    uses_layer: bool = False
    uses_relus: bool = False
    uses_gradient: bool = True
    is_signed: bool = False
    is_class_discriminative: bool = True
    options: tuple[str, ...] = ()
    library: str = ""

    @property
    def uses_input_gradient(self) -> bool:
        """Whether the recorded graph must reach back to the input."""
        return self.family == "gradient" and not self.is_slow

    @property
    def is_slow(self) -> bool:
        """Whether it needs many passes."""
        return self.cost == "passes"
