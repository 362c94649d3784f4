"""The terms of Grad-CAM's sum: what each channel of a layer adds to the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ..network import (
    OVERFLOWED,
    OutputChoice,
    Reshape,
    Resolved,
    Subject,
    Target,
    at_least_float32,
    layers_of,
    require_finite,
)
from ..passes import ForwardPass
from .explanation import require_finite_output


@dataclass(frozen=True, eq=False)
class ChannelTerms:
    """The channels of a layer, and what each of them says of a target.

    Attributes
    ----------
    activations
        ``(B, C, h, w)``, what the layer returned; to be read only.
    weights
        ``(B, C)``, the target's gradient with respect to each channel, averaged over the grid.
    layer
        The target layer.
    target
        The class indices explained, one a sample; or the callable, as it was settled on the inputs.
    """

    activations: Tensor
    weights: Tensor
    layer: str
    target: Resolved

    @property
    def maps(self) -> Tensor:
        """The terms, ``(B, C, h, w)``, signed: weight x activation. Their sum over C, after a ReLU, is Grad-CAM's map."""
        grid = (1,) * (self.activations.ndim - 2)
        return self.weights.reshape(*self.weights.shape, *grid) * self.activations

    @property
    def means(self) -> Tensor:
        """The mean of each channel's activation over the grid, ``(B, C)``."""
        return self.activations.flatten(2).mean(dim=2)

    @property
    def shares(self) -> Tensor:
        """Each channel's part, ``(B, C)``, in [-1, 1]: positive where it speaks for the target.

        The term's mean over the grid (weight x mean activation), divided by the sum of the absolute
        values of all channels' means. So the absolute shares of a sample add up to 1. Where no term
        is negative, that is the part of the sum itself; where terms cancel each other, a share stays
        in its bounds, and the sum of the shares tells how much is left. All are 0 where all terms are.
        """
        return shares_of(self.weights, self.means)


def shares_of(weights: Tensor, means: Tensor) -> Tensor:
    """The shares ``(B, C)`` of channels with some weights and mean activations; see `ChannelTerms.shares`."""
    terms = weights * means
    whole = terms.abs().sum(dim=1, keepdim=True)
    # A mean over the whole grid can be as small as rounding; a share of nothing is nothing.
    return torch.where(whole > 0, terms / whole, torch.zeros_like(terms))


def channel_terms(
    model: nn.Module,
    inputs: Tensor | tuple[Tensor, ...],
    target: Target = None,
    layer: str | None = None,
    *,
    exact: bool = True,
    additional_forward_args: Any = None,
    of: int = 0,
    output: OutputChoice = None,
    reshape: Reshape | None = None,
) -> ChannelTerms:
    r"""Take Grad-CAM's sum apart: which channels of a layer speak for a target, which against it, and where.

    .. math:: \left[ \sum_k w_k A_k \right]_+ , \quad w_k = \overline{g_k}

    is Grad-CAM (Selvaraju et al., 2017, arXiv:1610.02391, equations 1 and 2). These are the
    :math:`w_k A_k`.

    Parameters
    ----------
    model, inputs, target, layer, exact, additional_forward_args, of, output, reshape
        As of `explain`.

    Returns
    -------
    ChannelTerms
        With ``maps`` ``(B, C, h, w)``, ``weights``, ``means`` and ``shares`` ``(B, C)``.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit, or the layer's output has no grid.
    FloatingPointError
        If the model's answer or a term is NaN or infinite.

    Examples
    --------
    >>> import torch, torchvision
    >>> model, inputs = torchvision.models.resnet18(), torch.rand(1, 3, 64, 96)
    >>> terms = channel_terms(model, inputs, target=281, layer="layer3")
    >>> terms.maps.shape, terms.shares.shape
    (torch.Size([1, 256, 4, 6]), torch.Size([1, 256]))
    >>> strongest = terms.shares[0].argsort(descending=True)[:5]
    """
    subject = Subject.of(
        model,
        inputs,
        additional_forward_args=additional_forward_args,
        of=of,
        output=output,
        reshape=reshape,
    )
    if layer is None:
        layer = layers_of(subject, target).first()
    forward = ForwardPass.of(subject, [layer], input_gradient=False, copy_inputs=False, exact=exact)
    return channel_terms_pass(forward, target, layer, release=True)


def channel_terms_pass(
    forward: ForwardPass, target: Target = None, layer: str | None = None, *, release: bool = False
) -> ChannelTerms:
    """Ask a recorded forward pass for the terms of Grad-CAM's sum: nothing is run again.

    Arguments, result and errors as of `channel_terms`; with `release` the graph is let go of.
    """
    if layer is None:
        layer = layers_of(forward.subject, target).first()
    asked = forward.resolved(target)
    weights = forward.mean_gradient(asked, layer, release=release)
    activations = at_least_float32(forward.maps(layer))
    require_finite_output(forward)
    with torch.autocast(activations.device.type, enabled=False):
        terms = ChannelTerms(activations, weights, layer, asked)
        require_finite("the channels' terms", terms.weights * terms.means, lambda: OVERFLOWED)
    return terms
