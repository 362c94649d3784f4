"""How a ReLU passes a gradient back: plain, guided or deconvnet.

All three rules share one recorded graph. Autograd keeps a node for every ReLU, whichever way the
model spelled it (module, function, method, in place, reused, ReLU6, hardtanh, clamp, threshold), so
a hook on those nodes sees every one of them. The forward pass is the model's own, untouched, and
the plain rule is autograd itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.graph import Node
from torch.overrides import TorchFunctionMode
from torch.utils.hooks import RemovableHandle

from .graph import is_relu, is_view, nodes_behind

BackwardRule = Literal["plain", "guided", "deconvnet"]
BACKWARD_RULES: tuple[BackwardRule, ...] = get_args(BackwardRule)

_Gradients = Sequence[Tensor | None]


@contextmanager
def obeying(rule: BackwardRule, relus: Iterable[Node]) -> Iterator[None]:
    """While open, the given ReLUs of a graph pass gradients back by a rule."""
    hook = RULES[rule]
    handles = [] if hook is None else [relu.register_hook(hook) for relu in relus]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _guided(gradient_in: _Gradients, _gradient_out: _Gradients) -> tuple[Tensor | None, ...]:
    """``g * (x > 0) * (g > 0)``. Springenberg et al., 2015, arXiv:1412.6806, figure 1."""
    # The node's own result is fresh, so it can be clamped where it is.
    passed = gradient_in[0]
    return (passed if passed is None else passed.clamp_(min=0), *gradient_in[1:])


def _deconvnet(gradient_in: _Gradients, gradient_out: _Gradients) -> tuple[Tensor | None, ...]:
    """``g * (g > 0)``. Zeiler and Fergus, 2014, arXiv:1311.2901, section 2.1."""
    arrived = gradient_out[0]
    return (arrived if arrived is None else arrived.clamp(min=0), *gradient_in[1:])


# From what a ReLU's node passes back, and what arrives at it, to what is passed back instead. The plain rule,
# ``g * (x > 0)``, is what autograd computes by itself.
RULES: dict[BackwardRule, Callable[[_Gradients, _Gradients], Any] | None] = {
    "plain": None,
    "guided": _guided,
    "deconvnet": _deconvnet,
}


@dataclass(frozen=True)
class Relus:
    """The ReLUs of a recorded graph.

    Attributes
    ----------
    nodes
        The autograd node of each ReLU call.
    hidden_by
        Why some ReLU may be out of sight, or None.
    written_into_views
        Whether something was written into a view, which hides the node that wrote it.
    """

    nodes: tuple[Node, ...]
    hidden_by: str | None
    written_into_views: bool


def relus_behind(result: Tensor) -> Relus:
    """Find every ReLU that took part in computing a result."""
    relus: list[Node] = []
    hidden_by: str | None = None
    written_into_views = False
    for node in nodes_behind(result.grad_fn):
        name = node.name()
        known = is_relu(node)
        if known:
            relus.append(node)
        elif known is None:
            hidden_by = f"torch {torch.__version__} does not say whether a {name} is one"
        elif name == _WRITTEN_INTO_A_VIEW:
            written_into_views = True
        elif any(opaque in name for opaque in _OPAQUE_NODES):
            hidden_by = f"part of the model lies inside a {name}"
    return Relus(tuple(relus), hidden_by, written_into_views)


class UnknownRelus:
    """While open, looks whether each ReLU module that runs leaves a node that is known for a ReLU's.

    Without such a node a rule would pass it by, and guided backpropagation would be saliency.

    Attributes
    ----------
    found
        What one of them left instead; None if there is no such.
    """

    def __init__(self, modules: Iterable[nn.Module]) -> None:
        self.found: str | None = None
        self._modules = [
            module
            for module in modules
            if isinstance(module, nn.ReLU | nn.ReLU6)
            and not isinstance(module, torch.jit.ScriptModule)
        ]
        self._hooks: list[RemovableHandle] = []

    def __enter__(self) -> Self:
        self._hooks = [module.register_forward_hook(self._look) for module in self._modules]
        return self

    def __exit__(self, *_: object) -> None:
        for hook in self._hooks:
            hook.remove()

    def _look(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        node = getattr(output, "grad_fn", None)
        if node is None or node.name() == _WRITTEN_INTO_A_VIEW:
            return
        given = [getattr(each, "grad_fn", None) for each in args]
        # A class of the user's own may do something more with the result.
        if all(is_relu(behind) is False for behind in nodes_behind(node, given.__contains__)):
            self.found = (
                f"a {type(module).__name__} of the model left a {node.name()}, not a ReLU's"
            )


_WRITTEN_INTO_A_VIEW = "torch::autograd::CopySlices"

# Nodes behind which a ReLU cannot be seen: compiled, scripted and re-entrantly checkpointed code.
_OPAQUE_NODES = ("CompiledFunction", "DifferentiableGraph", "CheckpointFunctionBackward")


class ShowInPlaceRelu(TorchFunctionMode):
    """Runs a ReLU that a model writes into a view as a ReLU followed by a copy.

    Autograd tucks whatever is written into a view inside an opaque ``CopySlices`` node. Written
    this way, the values are the same and the ReLU keeps a node of its own.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = dict(kwargs or {})
        view = args[0] if args else None
        if isinstance(view, Tensor) and is_view(view) and _writes(func, args, kwargs):
            outside: Callable[..., Tensor] = _IN_PLACE.get(func, func)
            others = args[1 : _FLAG.get(func)]
            kwargs.pop("inplace", None)
            # Of a copy, because some remember what they were given, and that is written over.
            return view.copy_(outside(view.clone(), *others, **kwargs))
        return func(*args, **kwargs)


def _writes(func: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> bool:
    if func in _FLAG:
        flag = _FLAG[func]
        return bool(args[flag] if len(args) > flag else kwargs.get("inplace"))
    return func in _IN_PLACE


# Where each function takes its flag `inplace`.
_FLAG: dict[Callable[..., Any], int] = {
    F.relu: 1,
    F.relu6: 1,
    F.hardtanh: 3,
    F.threshold: 3,
    F.leaky_relu: 2,
}
_IN_PLACE: dict[Callable[..., Any], Callable[..., Tensor]] = {
    torch.relu_: torch.relu,
    Tensor.relu_: torch.relu,
    F.hardtanh_: F.hardtanh,
    F.leaky_relu_: F.leaky_relu,
    torch.threshold_: torch.threshold,
    torch.clamp_: torch.clamp,
    Tensor.clamp_: torch.clamp,
    torch.clip_: torch.clamp,
    Tensor.clip_: torch.clamp,
    torch.clamp_min_: torch.clamp_min,
    Tensor.clamp_min_: torch.clamp_min,
}


def require_visible(rule: BackwardRule, hidden: str | None) -> None:
    """Refuse a rule that has to see every ReLU, with the reason why some may be hidden."""
    if hidden is not None:
        raise ValueError(
            f"the rule {rule!r} has to see every ReLU, and {hidden}, which hides them; "
            "explain the plain module instead (of a compiled model: model._orig_mod), write its "
            "activations as torch.nn.ReLU, or use 'saliency' or 'grad_cam'"
        )
