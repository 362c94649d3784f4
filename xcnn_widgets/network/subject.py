"""What is explained: a model and a batch of inputs that fit each other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from .parts import ModelParts, unwrapped


@dataclass(frozen=True, eq=False)
class Subject:
    """A model and a batch, looked at once for all that one answer asks about them.

    Attributes
    ----------
    given
        The model as it was handed over, perhaps in a wrapper.
    parts
        Those of the model inside.
    inputs
        ``(B, C, H, W)`` on the model's device and of its floating type; no part of a graph.
    """

    given: nn.Module
    parts: ModelParts
    inputs: Tensor

    @classmethod
    def of(cls, model: nn.Module, inputs: Tensor) -> Subject:
        """Check a batch of inputs and bring it to the device and the floating type of the model.

        Raises
        ------
        TypeError
            If `model` is no module, or `inputs` no floating tensor.
        ValueError
            If `inputs` has another shape than ``(B, C, H, W)``, or is empty; or if the model has no
            values yet.
        """
        if not isinstance(model, nn.Module):
            raise TypeError(f"model is a {type(model).__name__}; expected a torch.nn.Module")
        _check_inputs(inputs)
        parts = ModelParts(unwrapped(model))
        lazy = parts.lazy_name()
        if lazy is not None:
            raise ValueError(
                f"{lazy!r} has no value yet: it belongs to a lazy module; call the model once on "
                "an input, or load its weights, before it is explained"
            )
        weight = next((w for w in parts.weights if w.is_floating_point()), None)
        # A tensor made under inference_mode can take no part in a graph.
        with torch.inference_mode(False):
            if weight is not None:
                inputs = inputs.to(device=weight.device, dtype=weight.dtype)
            inputs = inputs.clone() if inputs.is_inference() else inputs.detach()
        return cls(model, parts, inputs)

    @property
    def model(self) -> nn.Module:
        """The model, out of its wrapper."""
        return self.parts.model

    @cached_property
    def hidden_relus(self) -> str | None:
        """Why the ReLUs of a scripted or compiled model cannot be seen; None otherwise."""
        # The compiler's wrapper is no part of the model inside.
        parts = self.parts if self.given is self.model else ModelParts(self.given)
        return parts.why_relus_are_hidden()


def _check_inputs(inputs: Tensor) -> None:
    if not isinstance(inputs, Tensor):
        raise TypeError(f"inputs is a {type(inputs).__name__}; expected a tensor (B, C, H, W)")
    if inputs.ndim != 4 or 0 in inputs.shape:
        hint = ": add the batch dimension with inputs.unsqueeze(0)" if inputs.ndim == 3 else ""
        raise ValueError(f"inputs has the shape {tuple(inputs.shape)}; expected (B, C, H, W){hint}")
    if not inputs.is_floating_point():
        raise TypeError(
            f"inputs holds {inputs.dtype}; expected floating numbers, as the model's transform "
            "makes them"
        )
