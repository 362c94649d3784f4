"""One run of a model, written down: its output, and what the kept layers returned."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from .backward_rules import ShowInPlaceRelu
from .model_state import layer_outputs, run
from .targets import logits_of


@dataclass(frozen=True, eq=False)
class Recording:
    """What is left of a forward pass, and the graph that hangs on it.

    Attributes
    ----------
    input
        The leaf ``(B, C, H, W)`` that the graph reaches back to, or None.
    output, logits
        What the model returned, and the logits in it.
    outputs
        What each kept layer returned, in the order in which the model ran them.
    """

    input: Tensor | None
    output: Any
    logits: Tensor
    outputs: Mapping[str, Tensor]

    def without_graph(self, *, keep_outputs: bool = True) -> Recording:
        """The same values, from which no gradient can be asked."""
        logits = self.logits.detach()
        kept = self.outputs if keep_outputs else {}
        outputs = {name: output.detach() for name, output in kept.items()}
        return Recording(None, logits, logits, outputs)


def record(
    model: nn.Module,
    inputs: Tensor,
    layers: Mapping[str, nn.Module],
    *,
    input_gradient: bool,
    show_in_place_relus: bool = False,
) -> Recording:
    """Run a model once and keep what the given layers return.

    Parameters
    ----------
    model, inputs
        As `run` takes them.
    layers
        The layers to keep, by name.
    input_gradient
        Whether the graph reaches back to the input; if not, it starts at the earliest layer.
    show_in_place_relus
        Whether ReLUs that the model writes into views get nodes of their own.

    Raises
    ------
    TypeError, ValueError
        If no logits ``(B, classes)`` are found in what the model returned.
    """
    outputs: dict[str, Tensor] = {}

    def keep(name: str, args: tuple[Any, ...], output: Tensor) -> Tensor:
        # What a layer only hands on has other readers too, whose gradients are not the layer's.
        if output._is_view() or any(output is given for given in args):
            output = output.clone()
        if not input_gradient and not output.requires_grad and output.is_floating_point():
            output = output.detach().requires_grad_()
        # Asking again puts a layer that runs twice behind those that ran in between.
        outputs.pop(name, None)
        outputs[name] = output
        # The model goes on with a copy: it may write into what it is given.
        return output.clone()

    with (
        torch.inference_mode(False),
        torch.enable_grad(),
        layer_outputs(layers, keep),
        ShowInPlaceRelu() if show_in_place_relus else nullcontext(),
    ):
        leaf = inputs.detach().requires_grad_() if input_gradient else None
        output = run(model, inputs if leaf is None else leaf)
    logits = logits_of(output)
    if logits.ndim == 0 or len(logits) != len(inputs):
        raise ValueError(
            f"the model returned the shape {tuple(logits.shape)} for {len(inputs)} inputs; expected "
            "one row a sample, (B, classes): wrap the model in one that returns its logits so"
        )
    return Recording(leaf, output, logits, outputs)
