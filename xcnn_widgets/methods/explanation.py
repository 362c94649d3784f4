"""The one door to all methods, and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..network import (
    OVERFLOWED,
    OutputChoice,
    Reshape,
    Resolved,
    Subject,
    Target,
    layers_of,
    require_finite,
    why_not_finite,
)
from ..passes import ForwardPass
from .heatmaps import as_maps, heatmaps, is_constant, ranges
from .method import Method
from .nothing_shown import says_nothing
from .question import Question
from .table import method_named

# Grad-CAM, and what is made of it.
_WEIGHTED = ("grad_cam", "guided_grad_cam")


@dataclass(frozen=True, eq=False)
class Explanation:
    """An attribution, and what it explains.

    Attributes
    ----------
    values
        The attribution: ``(B, h, w)`` of the CAM family, ``(B, C, H, W)``, signed, of the gradient
        family, ``(B, H, W)``, signed, of occlusion.
    method
        The method's name.
    target
        The class indices explained, one a sample; or the callable, as it was settled on the inputs.
    layer
        The target layer, or None where the method uses none.
    logits
        ``(B, classes)``, what the model answered, of a segmentation network the sums over the pixels
        of each class; None where a callable is explained and it is not
        known which part of the output they are.
    size
        ``(H, W)`` of the input; ``(L,)`` of a signal, ``(D, H, W)`` of a volume.
    note
        What a reader has to know about the result; usually empty.
    """

    values: Tensor
    method: str
    target: Resolved
    layer: str | None
    logits: Tensor | None
    size: tuple[int, ...]
    note: str = ""

    def heatmaps(self, size: tuple[int, ...] | None = None) -> NDArray[np.float32]:
        """The heatmaps, ``float32`` ``(B, H, W)`` in [0, 1], at the input's size or another.

        Each is scaled up bilinearly and stretched to its own range: compare `values`, not these.

        Parameters
        ----------
        size
            ``(H, W)`` in pixels; None is the input's.
        """
        return heatmaps(self.values, size or self.size).cpu().numpy()

    def maps(self) -> Tensor:
        """One map a sample at the attribution's own resolution, ``(B, h, w)``, in true values."""
        return as_maps(self.values, len(self.size))

    def ranges(self) -> list[tuple[float, float]]:
        """The smallest and the largest true value of each sample's map; the same twice where they differ by rounding."""
        maps = self.maps()
        low, high = ranges(maps)
        high = torch.where(is_constant(maps), low, high)
        return list(zip(low.flatten().tolist(), high.flatten().tolist(), strict=True))


def explain(
    model: nn.Module,
    inputs: Tensor | tuple[Tensor, ...],
    method: str | Method = "grad_cam",
    target: Target = None,
    layer: str | None = None,
    *,
    exact: bool = True,
    additional_forward_args: Any = None,
    of: int | str = 0,
    output: OutputChoice = None,
    reshape: Reshape | None = None,
    **options: Any,
) -> Explanation:
    """Explain a model's answer on a batch of inputs.

    It has one question to ask, so it records no more of a graph than the answer needs and lets go
    of it. To ask several, make a `ForwardPass` and use `explain_pass`.

    Parameters
    ----------
    model
        Any `torch.nn.Module`; left exactly as it was.
    inputs
        ``(B, C, H, W)``, preprocessed; or signals ``(B, C, L)`` or volumes ``(B, C, D, H, W)``; or a
        tuple of several inputs.
    method
        A name in `METHODS`, or a method made by `method`, `from_captum`, `from_zennit` or
        `from_torchcam`.
    target
        A class index, one for each sample, or None for each sample's predicted class. Of a
        segmentation network, the score of a class is the sum of its logits over the pixels that are
        predicted as it in `inputs`, and None is the class with the largest area. Or a callable from
        the model's output to one scalar a sample: `pixel`, `region`, `box`, `contrast` and
        `similarity` make some.
    layer
        The target layer; None is `default_layer`, to find which the model is run once more the
        first time.
    exact
        Whether the model is run as it stands. If not, many inputs (a batch, occlusion's windows) go
        through it faster, with numbers that differ in their last digits: see `ForwardPass`.
    additional_forward_args
        What the model takes after its inputs: one thing, or a tuple, as in Captum. Tensors whose
        first size is B are repeated where the batch is.
    of
        Which of several inputs is explained, 0 for the first. A method's name is the option `of` of
        SmoothGrad.
    output
        Which tensor of what the model returns holds the class scores: a key, an attribute, an index,
        or a callable from the output to the tensor. By default what is called ``logits`` or ``out``,
        else the only tensor, else the only one with two dimensions.
    reshape
        From what the layer returns to maps ``(B, C, h, w)``, for a layer that does not tell.
    **options
        Those of the method, as ``METHODS[name].options`` lists them: of occlusion `patch` and `stride`, of
        integrated gradients `steps` and `baseline`, of a method with many passes `batch_size`, `progress`
        and `cancelled`.

    Returns
    -------
    Explanation

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit; the message names it, what was expected and the way out.
    FloatingPointError
        If the model's answer or the attribution is NaN or infinite.

    Examples
    --------
    >>> import torch, torchvision
    >>> model = torchvision.models.resnet18()
    >>> result = explain(model, torch.rand(1, 3, 64, 96), target=281, layer="layer3")
    >>> result.values.shape, result.heatmaps().shape
    (torch.Size([1, 4, 6]), (1, 64, 96))
    """
    chosen = method_named(method)
    if isinstance(of, str):
        options["of"], of = of, 0
    _check_options(chosen, options)
    subject = Subject.of(
        model,
        inputs,
        additional_forward_args=additional_forward_args,
        of=of,
        output=output,
        reshape=reshape,
    )
    if not chosen.uses_layer:
        layer = None
    elif layer is None:
        layer = layers_of(subject, target).first()
    forward = ForwardPass.of(
        subject,
        [] if layer is None else [layer],
        input_gradient=chosen.uses_input_gradient,
        copy_inputs=False,
        exact=exact,
    )
    if "exact" in chosen.options:
        options["exact"] = exact
    return explain_pass(forward, chosen, target, layer, release=True, **options)


def explain_pass(
    forward: ForwardPass,
    method: str | Method = "grad_cam",
    target: Target = None,
    layer: str | None = None,
    *,
    release: bool = False,
    **options: Any,
) -> Explanation:
    """Ask a recorded forward pass for an explanation; result and errors as of `explain`.

    Parameters
    ----------
    forward
        The recorded forward pass of the inputs.
    method, target, layer
        As of `explain`.
    release
        Let go of the graph: for the last question.
    **options
        Of a method with many passes: also `exact`.
    """
    chosen = method_named(method)
    _check_options(chosen, options)
    if not chosen.uses_layer:
        layer = None
    elif layer is None:
        layer = layers_of(forward.subject, target).first()
    if chosen.is_slow:
        require_finite_output(forward)
    notes: list[str] = []
    asked, regions = forward.resolved(target), forward.subject.regions
    if chosen.uses_relus and not forward.relu_count:
        notes.append(f"This model has no ReLU: its {chosen.label} is made with the plain gradient.")
    if regions is not None and not callable(asked):
        notes.append(regions.without_pixels(asked))
    question = Question(forward, asked, layer or "", release, notes)
    # Inputs that a method makes under the caller's inference_mode could take no part in a graph, nor what a
    # callable makes of scores without gradients.
    with torch.inference_mode(False), torch.enable_grad():
        values = chosen.compute(question, **options).detach()
    # A graphics card would be waited for; so only now, when all that it has to do is on its way.
    require_finite_output(forward)
    require_finite(f"the {chosen.label} attribution", values, lambda: OVERFLOWED)
    size = tuple(forward.inputs.shape[2:])
    is_weighted = chosen.name in _WEIGHTED
    notes.append(says_nothing(as_maps(values, len(size)), question, is_weighted=is_weighted))
    note = " ".join(filter(None, notes))
    return Explanation(values, chosen.name, asked, layer, forward.logits_if_any, size, note)


def require_finite_output(forward: ForwardPass) -> None:
    """Raise a FloatingPointError that says why, if the model's answer is NaN or infinite."""
    if not forward.is_finite:
        why = partial(why_not_finite, forward.model, forward.inputs)
        require_finite("the output of the model", forward.logits, why)


def _check_options(method: Method, options: Mapping[str, Any]) -> None:
    for option in options:
        if option not in method.options:
            takes = f"takes {', '.join(method.options)}" if method.options else "takes none"
            raise TypeError(f"{method.name!r} has no option {option!r}; it {takes}")
