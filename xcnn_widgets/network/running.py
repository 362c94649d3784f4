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

from ..passes.fast.memory import keep_freed_memory
from .graph import version_of
from .parts import ModelParts, is_training
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
    before = [*map(is_training, modules)]
    try:
        if any(before):
            for module in modules:
                module.training = False
        yield
    finally:
        if [*map(is_training, modules)] != before:
            for module, was_training in zip(modules, before, strict=True):
                module.training = was_training


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


# Called with a layer's name, what it was given, the tensor it returned, and whether it wrote into the
# first it was given; its answer goes on.
LayerObserver = Callable[[str, tuple[Any, ...], Tensor, bool], Tensor]


@contextmanager
def layer_outputs(layers: Mapping[str, nn.Module], observe: LayerObserver) -> Iterator[None]:
    """While open, shows every output of the given layers to `observe`, whose answer goes on.

    Of a layer that returns a tuple, the first tensor is shown. A layer that is called twice is
    shown twice. A scripted layer takes no hooks, so it is not shown.
    """
    # Of each layer's first argument before it runs; it rises when it is written into.
    versions: dict[nn.Module, int] = {}

    def before(layer: nn.Module, args: tuple[Any, ...]) -> None:
        if args and isinstance(args[0], Tensor):
            versions[layer] = version_of(args[0])

    def after(name: str, layer: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
        version = versions.pop(layer, None)
        wrote = version is not None and version_of(args[0]) != version
        if isinstance(output, Tensor):
            return observe(name, args, output, wrote)
        if isinstance(output, tuple):
            items = list(output)
            for position, item in enumerate(items):
                if isinstance(item, Tensor):
                    items[position] = observe(name, args, item, wrote)
                    named = hasattr(output, "_fields")
                    return type(output)(*items) if named else type(output)(items)
        return None

    with ExitStack() as hooks:
        for name, layer in layers.items():
            if isinstance(layer, torch.jit.ScriptModule):
                continue
            hooks.callback(layer.register_forward_pre_hook(before).remove)
            hooks.callback(layer.register_forward_hook(partial(after, name)).remove)
        yield
