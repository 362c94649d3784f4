"""Running a model without leaving a trace on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from typing import Any, cast
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
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


def modules_of(model: nn.Module) -> list[nn.Module]:
    """Every module of a model, once each, in the order of ``model.modules()``.

    That makes every module's name on the way, which takes as long as a layer of a small network.
    """
    found: dict[nn.Module, None] = {}
    waiting = [model]
    while waiting:
        module = waiting.pop()
        if module not in found:
            found[module] = None
            if children := module._modules:
                waiting += [child for child in reversed(children.values()) if child is not None]
    return list(found)


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
    modules = modules_of(model)
    if any(map(_is_lazy, modules)):
        raise ValueError(
            f"{_lazy_name(model)!r} has no value yet: it belongs to a lazy module; call the model "
            "once on an input, or load its weights, before it is explained"
        )
    weights = (p for module in modules for p in module._parameters.values() if p is not None)
    weight = next((p for p in weights if p.is_floating_point()), None)
    # A tensor made under inference_mode can take no part in a graph.
    with torch.inference_mode(False):
        if weight is not None:
            inputs = inputs.to(device=weight.device, dtype=weight.dtype)
        return inputs.clone() if inputs.is_inference() else inputs.detach()


def _is_lazy(module: nn.Module) -> bool:
    """Whether a module waits for its first input; a loop for each table, as most modules have neither."""
    for tensors in (module._parameters, module._buffers):
        for tensor in tensors.values():
            if type(tensor) not in _ORDINARY and is_lazy(cast("Tensor", tensor)):
                return True
    return False


# Asking a class takes longer than looking it up.
_ORDINARY = {Tensor, nn.Parameter, type(None)}


def _lazy_name(model: nn.Module) -> str:
    for path, module in model.named_modules():
        for name, tensor in [*module._parameters.items(), *module._buffers.items()]:
            if is_lazy(tensor):
                return f"{path}.{name}".lstrip(".")
    return "a weight"


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
    modules = modules_of(model)
    # Compiled code may pass by the hooks that show what its layers return.
    compiled = any("_orig_mod" in m._modules or m._compiled_call_impl for m in modules)
    eagerly = torch.compiler.set_stance("force_eager") if compiled else nullcontext()
    with model_lock(model), evaluating(modules), eagerly:
        if any(isinstance(module, torch.jit.ScriptModule) for module in modules):
            # The weights of a scripted module cannot be exchanged; its graph then holds them.
            return model(inputs.clone())
        with _standing_in(modules):
            return model(inputs.clone())


@contextmanager
def _standing_in(modules: Collection[nn.Module]) -> Iterator[None]:
    """Weights that are in no graph and copies of the buffers, into which it may write, stand in for a model's own.

    `torch.func.functional_call` does the same, but walks the model several times over, which costs
    a small network a tenth of its forward pass.
    """
    weights: list[Any] = [module._parameters for module in modules if module._parameters]
    buffers: list[Any] = [module._buffers for module in modules if module._buffers]
    own = [dict(kept) for kept in (*weights, *buffers)]
    # What is shared stays shared.
    stand_ins: dict[int, Tensor | None] = {id(None): None}
    try:
        with torch.no_grad():
            for kept in weights:
                for name, tensor in kept.items():
                    if id(tensor) not in stand_ins:
                        # One made under inference_mode can be in no graph.
                        copied = tensor.is_inference()
                        stand_ins[id(tensor)] = tensor.clone() if copied else tensor.detach()
                    kept[name] = stand_ins[id(tensor)]
            for kept in buffers:
                for name, tensor in kept.items():
                    if id(tensor) not in stand_ins:
                        stand_ins[id(tensor)] = tensor.clone()
                    kept[name] = stand_ins[id(tensor)]
        yield
    finally:
        for kept, originals in zip((*weights, *buffers), own, strict=True):
            kept.update(originals)


# Called with the layer's name, what it was given and the tensor it returned; its answer goes on.
LayerObserver = Callable[[str, tuple[Any, ...], Tensor], Tensor]


@contextmanager
def layer_outputs(layers: Mapping[str, nn.Module], observe: LayerObserver) -> Iterator[None]:
    """While open, shows every output of the given layers to `observe`, whose answer goes on.

    Of a layer that returns a tuple, the first tensor is shown. A layer that is called twice is
    shown twice. A scripted layer takes no hooks, so it is not shown.
    """
    with ExitStack() as hooks:
        for name, layer in layers.items():
            if isinstance(layer, torch.jit.ScriptModule):
                continue
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
