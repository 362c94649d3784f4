"""Running a model without leaving a trace on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.parameter import is_lazy

_locks: WeakKeyDictionary[nn.Module, threading.RLock] = WeakKeyDictionary()
_guard = threading.Lock()


def model_lock(model: nn.Module) -> threading.RLock:
    """The one lock of a model: whoever runs it, or goes back through its graph, holds it.

    JupyterLab may run a widget's callback on another thread while a cell still runs.
    """
    with _guard:
        return _locks.setdefault(model, threading.RLock())


def unwrapped(model: nn.Module) -> nn.Module:
    """The module inside `DataParallel`, `DistributedDataParallel` or `torch.compile`."""
    while True:
        if isinstance(model, nn.DataParallel | nn.parallel.DistributedDataParallel):
            model = model.module
        elif isinstance(inner := getattr(model, "_orig_mod", None), nn.Module):
            model = inner
        else:
            return model


def checked_inputs(model: nn.Module, inputs: Tensor) -> Tensor:
    """Check a batch of inputs and bring it to the device and the floating type of the model.

    Raises
    ------
    TypeError
        If `model` is no module, or `inputs` no floating tensor.
    ValueError
        If `inputs` has another shape than ``(B, C, H, W)``, or is empty.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model is a {type(model).__name__}; expected a torch.nn.Module")
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
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        if is_lazy(tensor):
            raise ValueError(
                f"{name!r} has no value yet: it belongs to a lazy module; call the model once on "
                "an input, or load its weights, before it is explained"
            )
    weight = next((p for p in model.parameters() if p.is_floating_point()), None)
    # A tensor made under inference_mode can take no part in a graph.
    with torch.inference_mode(False):
        if weight is not None:
            inputs = inputs.to(device=weight.device, dtype=weight.dtype)
        return inputs.clone() if inputs.is_inference() else inputs.detach()


@contextmanager
def evaluating(modules: Iterable[nn.Module]) -> Iterator[None]:
    """Evaluation mode, and afterwards each module's own training flag as it was."""
    training = [module for module in modules if module.training]
    try:
        for module in training:
            module.training = False
        yield
    finally:
        for module in training:
            module.training = True


def run(model: nn.Module, inputs: Tensor) -> Any:
    """Run a model in evaluation mode; its buffers and the input stay as they are.

    Its weights take no part in the graph, so their gradients cost neither time nor memory. The
    caller decides whether a graph is recorded, by the grad mode and by whether `inputs` requires a
    gradient.
    """
    # The model is given copies of all it may write into: input and buffers.
    with model_lock(model), evaluating(model.modules()):
        if any(isinstance(module, torch.jit.ScriptModule) for module in model.modules()):
            # The weights of a scripted module cannot be exchanged; its graph then holds them.
            return model(inputs.clone())
        state = {name: _outside_graph(p) for name, p in model.named_parameters()}
        state |= {name: buffer.clone() for name, buffer in model.named_buffers()}
        return functional_call(model, state, (inputs.clone(),))


def _outside_graph(parameter: Tensor) -> Tensor:
    return parameter.clone().detach() if parameter.is_inference() else parameter.detach()


# Called with the layer's name, what it was given and the tensor it returned; its answer goes on.
LayerObserver = Callable[[str, tuple[Any, ...], Tensor], Tensor]


@contextmanager
def layer_outputs(layers: Mapping[str, nn.Module], observe: LayerObserver) -> Iterator[None]:
    """While open, shows every output of the given layers to `observe`, whose answer goes on.

    Of a layer that returns a tuple, the first tensor is shown. A layer that is called twice is
    shown twice.
    """
    with ExitStack() as hooks:
        for name, layer in layers.items():
            handle = layer.register_forward_hook(partial(_observe, name, observe))
            hooks.callback(handle.remove)
        yield


def _observe(
    name: str, observe: LayerObserver, _layer: nn.Module, args: tuple[Any, ...], output: Any
) -> Any:
    if isinstance(output, Tensor):
        return observe(name, args, output)
    if isinstance(output, tuple):
        items = list(output)
        for position, item in enumerate(items):
            if isinstance(item, Tensor):
                items[position] = observe(name, args, item)
                named = hasattr(output, "_fields")
                return type(output)(*items) if named else type(output)(items)
    return None
