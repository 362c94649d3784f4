"""How a ReLU passes a gradient back: plain, guided or deconvnet.

All three rules share one recorded graph. Autograd keeps a node for every ReLU, whichever way the model
spelled it (module, function, method, in place, reused, ReLU6, hardtanh, clamp), so a hook on those nodes sees
every one of them. The forward pass is the model's own, untouched, and the plain rule is autograd itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.graph import Node
from torch.overrides import TorchFunctionMode

BackwardRule = Literal["plain", "guided", "deconvnet"]
BACKWARD_RULES: tuple[BackwardRule, ...] = get_args(BackwardRule)

_Gradients = Sequence[Tensor | None]


def plain(gradient_in: _Gradients, gradient_out: _Gradients) -> None:
    """``g * (x > 0)``: what autograd already computed."""


def guided(gradient_in: _Gradients, gradient_out: _Gradients) -> tuple[Tensor | None, ...]:
    """``g * (x > 0) * (g > 0)``. Springenberg et al., 2015, arXiv:1412.6806, figure 1."""
    # The node's own result is fresh, so it can be clamped where it is.
    passed = gradient_in[0]
    return (passed if passed is None else passed.clamp_(min=0), *gradient_in[1:])


def deconvnet(gradient_in: _Gradients, gradient_out: _Gradients) -> tuple[Tensor | None, ...]:
    """``g * (g > 0)``. Zeiler and Fergus, 2014, arXiv:1311.2901, section 2.1."""
    arrived = gradient_out[0]
    return (arrived if arrived is None else arrived.clamp(min=0), *gradient_in[1:])


_RULES: dict[BackwardRule, Callable[[_Gradients, _Gradients], Any]] = {
    "plain": plain,
    "guided": guided,
    "deconvnet": deconvnet,
}


class ReluNodes:
    """The ReLUs of one recorded graph, and the rule that they follow.

    It holds no reference to the graph that its hooks live on: a cycle through autograd's nodes would never be
    collected.

    Attributes
    ----------
    rule
        The rule in force for the next backward pass.
    count
        How many ReLU calls the graph has.
    hidden_by
        Why some ReLU may be out of sight (the name of an opaque autograd node), or None.
    written_into_views
        Whether something in the graph was written into a view, which hides the node that wrote it.
    """

    def __init__(self, roots: Iterable[Tensor]) -> None:
        self.rule: BackwardRule = "plain"
        self.count = 0
        self.hidden_by: str | None = None
        self.written_into_views = False
        for node in _nodes(root.grad_fn for root in roots):
            name = node.name()
            if _is_relu(node, name):
                self.count += 1
                node.register_hook(self._apply)
            elif name == "torch::autograd::CopySlices":
                self.written_into_views = True
            elif any(opaque in name for opaque in _OPAQUE_NODES):
                self.hidden_by = name

    def _apply(self, gradient_in: _Gradients, gradient_out: _Gradients) -> Any:
        return _RULES[self.rule](gradient_in, gradient_out)


# Autograd nodes behind which a ReLU cannot be seen: compiled, scripted and re-entrantly checkpointed code.
_OPAQUE_NODES = ("CompiledFunction", "DifferentiableGraph", "CheckpointFunctionBackward")

# Autograd's node for each spelling of a ReLU, and the attribute that holds the lower bound (None: always 0).
_RELU_NODES: dict[str, str | None] = {
    "ReluBackward": None,
    "HardtanhBackward": "_saved_min_val",
    "ThresholdBackward": "_saved_threshold",
    "ClampBackward": "_saved_min",
    "ClampMinBackward": "_saved_min",
}


def _is_relu(node: Node, name: str) -> bool:
    kind = name.rstrip("0123456789")
    if kind not in _RELU_NODES:
        return False
    lower_bound = _RELU_NODES[kind]
    return lower_bound is None or _is_zero(getattr(node, lower_bound))


def _is_zero(bound: object) -> bool:
    return isinstance(bound, int | float) and bound == 0


def _nodes(roots: Iterable[Node | None]) -> Iterable[Node]:
    seen: set[Node] = set()
    waiting = [node for node in roots if node is not None]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend(below for below, _ in node.next_functions if below is not None)
            yield node


class ShowInPlaceRelu(TorchFunctionMode):
    """Runs a ReLU that a model writes into a view as a ReLU followed by a copy.

    Autograd tucks whatever is written into a view inside an opaque ``CopySlices`` node. Written this way, the
    values are the same and the ReLU keeps a node of its own.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = dict(kwargs or {})
        outside = _OUT_OF_PLACE.get(func)
        if outside is not None and args and isinstance(args[0], Tensor) and args[0]._is_view():
            in_place = kwargs.pop("inplace", func in _ALWAYS_IN_PLACE)
            written: Tensor = outside(*args, **kwargs)
            return args[0].copy_(written) if in_place else written
        return func(*args, **kwargs)


_ALWAYS_IN_PLACE: dict[Callable[..., Any], Callable[..., Tensor]] = {
    torch.relu_: torch.relu,
    F.relu_: torch.relu,
    Tensor.relu_: torch.relu,
    F.hardtanh_: F.hardtanh,
    F.threshold_: F.threshold,
    torch.clamp_: torch.clamp,
    Tensor.clamp_: torch.clamp,
    torch.clamp_min_: torch.clamp_min,
    Tensor.clamp_min_: torch.clamp_min,
}
_OUT_OF_PLACE: dict[Callable[..., Any], Callable[..., Tensor]] = {
    F.relu: F.relu,
    F.relu6: F.relu6,
    F.hardtanh: F.hardtanh,
    F.threshold: F.threshold,
    **_ALWAYS_IN_PLACE,
}


def why_relus_are_hidden(model: nn.Module) -> str | None:
    """Say why the ReLUs of a scripted or compiled model cannot be seen; None for an ordinary model."""
    for name, module in model.named_modules():
        if isinstance(module, torch.jit.ScriptModule):
            return f"{_named(name)} is scripted (torch.jit)"
        if hasattr(module, "_orig_mod") or module._compiled_call_impl is not None:
            return f"{_named(name)} is compiled (torch.compile)"
    return None


def _named(name: str) -> str:
    return f"its module {name!r}" if name else "the model"
