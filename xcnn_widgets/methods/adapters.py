"""A method made of any callable; the model that it is asked about is a copy."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ..network import Cancelled, at_least_float32
from ..passes import ForwardPass
from .many_scores import IsCancelled
from .method import FAMILIES, Family, Method
from .question import Question

# From (model, inputs, target, layer) to an attribution.
Function = Callable[..., Tensor]


def method(
    name: str,
    label: str,
    function: Function,
    family: Family = "gradient",
    *,
    uses_layer: bool | None = None,
    is_signed: bool = False,
    is_class_discriminative: bool = True,
    sentence: str = "",
    source: str = "",
    library: str = "",
) -> Method:
    """Make a method of any callable; `explain` and the widgets' ``methods=`` take it like a name.

    Parameters
    ----------
    name, label
        What code and what people call it. No name of ours.
    function
        From ``(model, inputs, target, layer)`` to the attribution. The model is a copy in evaluation mode: whatever is
        done to it, the person's own stays as it was. The inputs ``(B, C, H, W)`` require a gradient; the target is a
        tensor of one class index a sample, ``(B,)``; the layer is a module's dotted name, or None. If it also takes
        ``progress``, it is called with the share done; where it does not, nobody can tell how far it is. If it takes
        ``cancelled``, that is asked; and whether it does or not, the model stops at its next forward pass.
    family
        What it returns: ``cam``, maps ``(B, h, w)``, or ``(B, C, h, w)``, which are summed over the channels;
        ``gradient`` or ``path``, ``(B, C, H, W)``; ``perturbation``, ``(B, H, W)``.
    uses_layer
        Whether the choice of a layer matters; by default of a ``cam``.
    is_signed, is_class_discriminative
        Whether its map says what speaks against the target too, and whether another class makes another map.
    sentence, source, library
        What it shows, the paper, and whose it is: for those who choose.

    Raises
    ------
    TypeError, ValueError
        If the function is none, the family is unknown, or the name is no identifier.

    Examples
    --------
    >>> import torch, torchvision
    >>> from xcnn_widgets import explain
    >>> def gradient_times_input(model, inputs, target, layer):
    ...     scores = model(inputs).gather(1, target[:, None]).sum()
    ...     return torch.autograd.grad(scores, inputs)[0] * inputs
    >>> mine = method("gradient_times_input", "Gradient x input", gradient_times_input, is_signed=True)
    >>> explain(torchvision.models.resnet18(), torch.rand(1, 3, 64, 96), mine).values.shape
    torch.Size([1, 3, 64, 96])
    """
    if not callable(function):
        raise TypeError(
            f"function is a {type(function).__name__}; expected a callable "
            "(model, inputs, target, layer) -> attribution"
        )
    if family not in FAMILIES:
        raise ValueError(f"family is {family!r}; expected one of {', '.join(map(repr, FAMILIES))}")
    if not name.isidentifier():
        raise ValueError(f"name is {name!r}; expected a word as in Python, like 'deep_lift'")
    takes = parameters_of(function)
    return Method(
        name,
        label,
        family,
        _Adapted(label, library, family, function, takes_cancelled="cancelled" in takes),
        sentence,
        source,
        cost="passes",
        uses_layer=family == "cam" if uses_layer is None else uses_layer,
        is_signed=is_signed,
        is_class_discriminative=is_class_discriminative,
        options=(*(["progress"] if "progress" in takes else []), "cancelled"),
        library=library or "your own",
    )


@dataclass(frozen=True)
class _Adapted:
    """Asks somebody else's function about a copy of the model."""

    label: str
    library: str
    family: Family
    function: Function
    takes_cancelled: bool

    def __call__(self, asked: Question, *, cancelled: IsCancelled = None, **options: Any) -> Tensor:
        """Answer a question, and see to it that the answer has the family's shape."""
        if callable(asked.target):
            raise TypeError(
                f"{self.label} explains a class; this target is a callable, which methods made of "
                "other code cannot take"
            )
        forward, layer = asked.forward, asked.layer or None
        inputs = forward.inputs.detach().clone().requires_grad_()
        target = torch.tensor(asked.target, device=inputs.device)
        try:
            model, layer = self._copied(forward, layer)
            model.register_forward_pre_hook(lambda *_: self._refuse(cancelled))
            if self.takes_cancelled:
                options["cancelled"] = cancelled
            with torch.inference_mode(False), torch.enable_grad():
                found = self.function(model, inputs, target, layer, **options)
        except Cancelled:
            raise
        except Exception as cause:
            whose = f" (of {self.library})" if self.library not in self.label else ""
            raise RuntimeError(
                f"{self.label}{whose} failed on this model: {type(cause).__name__}: {cause}"
            ) from cause
        return self._checked(found, forward)

    def _refuse(self, cancelled: IsCancelled) -> None:
        if cancelled is not None and cancelled():
            raise Cancelled(f"{self.label} was cancelled")

    def _copied(self, forward: ForwardPass, layer: str | None) -> tuple[nn.Module, str | None]:
        """A copy that takes one input and returns class scores, and the layer's name in it."""
        own = copy.deepcopy(forward.model).eval()
        answer = forward.output
        if isinstance(answer, Tensor) and answer.ndim == 2 and not forward.subject.others:
            return own, layer
        return _ClassScores(own, forward), None if layer is None else f"model.{layer}"

    def _checked(self, found: Any, forward: ForwardPass) -> Tensor:
        if not isinstance(found, Tensor):
            raise TypeError(f"{self.label} returned a {type(found).__name__}; expected a tensor")
        values: Tensor = found.detach()
        found = at_least_float32(values)
        samples, channels, *size = forward.inputs.shape
        sides = len(size)
        if self.family == "cam":
            if found.ndim == sides + 2:
                found = found.sum(dim=1)
            fits, expected = found.ndim == sides + 1 and len(found) == samples, "(B, h, w)"
        elif self.family == "perturbation":
            fits, expected = found.shape == (samples, *size), f"{(samples, *size)}"
        else:
            expected = f"{(samples, channels, *size)}"
            fits = found.shape == (samples, channels, *size)
        if not fits:
            raise ValueError(
                f"{self.label} returned the shape {tuple(found.shape)}; expected {expected}, as its "
                f"family {self.family!r} has it"
            )
        checked: Tensor = found
        return checked


class _ClassScores(nn.Module):
    """A model of several inputs, or with an output that is more than class scores, as one that others can ask."""

    def __init__(self, model: nn.Module, forward: ForwardPass) -> None:
        super().__init__()
        self.model, self._subject = model, forward.subject

    def forward(self, inputs: Tensor) -> Tensor:
        output = self.model(*self._subject.arguments(inputs))
        return self._subject.logits(output, len(inputs))


def parameters_of(function: Any) -> Mapping[str, inspect.Parameter]:
    """The parameters of a callable; none if it does not tell."""
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}
