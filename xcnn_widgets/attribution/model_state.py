"""Running a model without leaving a trace on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from .freed_memory import keep_freed_memory
from .model_parts import ModelParts
from .stand_ins import in_no_graph, with_buffers_kept

_locks: WeakKeyDictionary[nn.Module, threading.RLock] = WeakKeyDictionary()
_guard = threading.Lock()


def model_lock(model: nn.Module) -> threading.RLock:
    """The one lock of a model: whoever runs it, or goes back through its graph, holds it.

    JupyterLab may run a widget's callback on another thread while a cell still runs.
    """
    with _guard:
        return _locks.setdefault(model, threading.RLock())


@contextmanager
def evaluating(modules: Sequence[nn.Module]) -> Iterator[None]:
    """Evaluation mode, and afterwards each module's own training flag as it was."""
    training = [module for module in modules if module.training]
    try:
        for module in training:
            module.training = False
        yield
    finally:
        if [module for module in modules if module.training] != training:
            was_training = set(training)
            for module in modules:
                module.training = module in was_training


def run(model: nn.Module, inputs: Tensor, parts: ModelParts | None = None) -> Any:
    """Run a model in evaluation mode; its buffers and the input stay as they are.

    Its weights take no part in the graph, so their gradients cost neither time nor memory. The
    caller decides whether a graph is recorded, by the grad mode and by whether `inputs` requires a
    gradient.

    Parameters
    ----------
    model, inputs
        As checked by `Subject`.
    parts
        Those of the model, if they were found just before.
    """
    keep_freed_memory()
    parts = parts or ModelParts(model)
    # Compiled code may pass by the hooks that show what its layers return.
    eagerly = torch.compiler.set_stance("force_eager") if parts.is_compiled else nullcontext()
    with model_lock(model), evaluating(parts.modules), eagerly:
        if parts.is_scripted:
            # The weights of a scripted module cannot be exchanged; its graph then holds them.
            return model(inputs.clone())
        with in_no_graph(parts):
            return with_buffers_kept(parts, lambda: model(inputs.clone()))


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
