"""What is explained: a model and a batch of inputs that fit each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from .outputs import OutputChoice
from .parts import ModelParts, unwrapped
from .precision import dtype_met
from .regions import Regions
from .score_finding import ScoreFinding

# From what a layer returned to maps (B, C, h, w).
Reshape = Callable[[Tensor], Tensor]


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
        The input that is explained, ``(B, C, *grid)``, on the model's device and of the floating type
        of the weights that it meets; no part of a graph.
    others
        What else the model takes, in order.
    place
        Where `inputs` stands among them, 0 for first.
    output
        Which tensor of the model's output holds the class scores; see `logits_of`.
    reshape
        From what a layer returned to maps ``(B, C, h, w)``, where the layer does not tell.
    regions
        Of a dense output, over which pixels the score of each class is summed; None for those of the
        output that is read.
    """

    given: nn.Module
    parts: ModelParts
    inputs: Tensor
    others: tuple[Any, ...] = ()
    place: int = 0
    output: OutputChoice = None
    reshape: Reshape | None = None
    regions: Regions | None = None

    @classmethod
    def of(
        cls,
        model: nn.Module,
        inputs: Tensor | Sequence[Tensor],
        *,
        additional_forward_args: Any = None,
        of: int = 0,
        output: OutputChoice = None,
        reshape: Reshape | None = None,
    ) -> Subject:
        """Check what a model is called with, and bring it to the model's device and floating type.

        Parameters
        ----------
        model
            The model.
        inputs
            ``(B, C, *grid)`` with one to three dimensions of grid; or a tuple of such inputs.
        additional_forward_args
            What the model takes after its inputs: one thing, or a tuple. Tensors whose first size
            is B are repeated along with the inputs.
        of
            Which of several inputs is explained.
        output, reshape
            As of the class.

        Raises
        ------
        TypeError
            If `model` is no module, or `inputs` no floating tensor.
        ValueError
            If `inputs` has another shape, or is empty; or if the model has no values yet.
        """
        if not isinstance(model, nn.Module):
            raise TypeError(f"model is a {type(model).__name__}; expected a torch.nn.Module")
        several = tuple(inputs) if isinstance(inputs, tuple | list) else (inputs,)
        if isinstance(of, bool) or not isinstance(of, int) or not 0 <= of < len(several):
            raise ValueError(f"of={of!r}: there are {len(several)} inputs, 0 to {len(several) - 1}")
        if reshape is not None and not callable(reshape):
            raise TypeError(
                f"reshape is a {type(reshape).__name__}; expected a callable from what a layer "
                "returns to maps (B, C, h, w)"
            )
        explained, parts = several[of], ModelParts(unwrapped(model))
        _check_inputs(explained, parts)
        lazy = parts.lazy_name()
        if lazy is not None:
            raise ValueError(
                f"{lazy!r} has no value yet: it belongs to a lazy module; call the model once on "
                "an input, or load its weights, before it is explained"
            )
        more = additional_forward_args
        further = () if more is None else tuple(more) if isinstance(more, tuple) else (more,)
        others = (*several[:of], *several[of + 1 :], *further)
        # A tensor made under inference_mode can take no part in a graph.
        with torch.inference_mode(False):
            weight = next((w for w in parts.weights if w.is_floating_point()), None)
            if weight is not None:
                others = tuple(_moved(other, weight) for other in others)
                explained = explained.to(device=weight.device)
            explained = explained.clone() if explained.is_inference() else explained.detach()
            subject = cls(model, parts, explained, others, of, output, reshape)
            dtype = dtype_met(parts, subject.arguments(explained))
            if dtype is not None:
                # Of the further arguments only the caller knows which type they need.
                inputs_beside = len(several) - 1
                others = tuple(
                    other.to(dtype) if number < inputs_beside and _is_floating(other) else other
                    for number, other in enumerate(others)
                )
                subject = replace(subject, inputs=explained.to(dtype), others=others)
        return subject

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

    def arguments(self, inputs: Tensor) -> tuple[Any, ...]:
        """All that the model takes, with a batch in the place of `inputs`.

        Of a batch of another size, what has a row for each sample is repeated, or cut off.
        """
        samples = len(self.inputs)
        rows = torch.arange(len(inputs)) % samples
        # Copies, into which the model may write.
        others = tuple(_rows(other, rows, samples) for other in self.others)
        return (*others[: self.place], inputs, *others[self.place :])

    def logits(self, output: Any, samples: int) -> Tensor:
        """The class scores in an output of the model, one row for each of some samples.

        Of a dense output they are sums over pixels; see `ScoreFinding.class_scores`.
        """
        return self.finding.class_scores(output, samples)

    @property
    def finding(self) -> ScoreFinding:
        """How class scores are read from an output of the model."""
        return ScoreFinding(self.output, self.inputs.ndim, self.regions)


def _moved(other: Any, weight: Tensor) -> Any:
    if not isinstance(other, Tensor):
        return other
    other = other.to(weight.device)
    return other.clone() if other.is_inference() else other.detach()


def _rows(other: Any, rows: Tensor, samples: int) -> Any:
    if not isinstance(other, Tensor):
        return other
    has_rows = other.ndim > 0 and len(other) == samples
    return other[rows.to(other.device)] if has_rows else other.clone()


def _is_floating(other: Any) -> bool:
    return isinstance(other, Tensor) and other.is_floating_point()


def _check_inputs(inputs: Any, parts: ModelParts) -> None:
    if not isinstance(inputs, Tensor):
        raise TypeError(f"inputs is a {type(inputs).__name__}; expected a tensor (B, C, H, W)")
    shape = tuple(inputs.shape)
    if not 3 <= inputs.ndim <= 5 or 0 in shape:
        raise ValueError(
            f"inputs has the shape {shape}; expected (B, C, H, W), or (B, C, L) or "
            "(B, C, D, H, W): a batch of samples with channels"
        )
    dimensions = parts.convolved_dimensions()
    if dimensions and inputs.ndim - 2 not in dimensions:
        expected = "(B, C, " + {1: "L", 2: "H, W", 3: "D, H, W"}[min(dimensions)] + ")"
        is_single = inputs.ndim - 1 in dimensions
        hint = ": add the batch dimension with inputs.unsqueeze(0)" if is_single else ""
        raise ValueError(f"inputs has the shape {shape}; expected {expected}{hint}")
    if not inputs.is_floating_point():
        raise TypeError(
            f"inputs holds {inputs.dtype}; expected floating numbers, as the model's transform "
            "makes them"
        )
