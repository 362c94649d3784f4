"""Running a model without leaving a trace on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from .graph import version_of
from .parts import is_training
from .stand_ins import in_no_graph, with_buffers_kept
from .subject import Subject

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


def run(subject: Subject, inputs: Tensor | None = None) -> Any:
    """Run a model in evaluation mode; its buffers and the input stay as they are.

    Its weights take no part in the graph, so their gradients cost neither time nor memory. The
    caller decides whether a graph is recorded, by the grad mode and by whether `inputs` requires a
    gradient.

    Parameters
    ----------
    subject
        The model, and what it takes beside the inputs.
    inputs
        The batch, by default the subject's own.
    """
    parts, inputs = subject.parts, subject.inputs if inputs is None else inputs
    # Compiled code may pass by the hooks that show what its layers return.
    eagerly = torch.compiler.set_stance("force_eager") if parts.is_compiled else nullcontext()
    with model_lock(parts.model), evaluating(parts.modules), eagerly:
        arguments = subject.arguments(inputs.clone())
        if parts.is_scripted:
            # The weights of a scripted module cannot be exchanged; its graph then holds them.
            return parts.model(*arguments)
        with in_no_graph(parts):
            return with_buffers_kept(parts, lambda: parts.model(*arguments))


# Called with a layer's name, what it was given, the tensor it returned, and whether it wrote into the
# first it was given; its answer goes on.
LayerObserver = Callable[[str, tuple[Any, ...], Tensor, bool], Tensor]


@contextmanager
def layer_outputs(
    model: nn.Module, layers: Mapping[str, tuple[nn.Module, int]], observe: LayerObserver
) -> Iterator[None]:
    """While open, shows outputs of the given layers of a model to `observe`, whose answer goes on.

    Of each layer it is told which of its calls is meant, 0 for the first. Of one that returns a
    tuple, the first tensor is shown. A scripted layer takes no hooks, so it is not shown.
    """
    looks = [
        (module, _Look(name, number, observe))
        for name, (module, number) in layers.items()
        if not isinstance(module, torch.jit.ScriptModule)
    ]

    def begin(_model: nn.Module, _args: tuple[Any, ...]) -> None:
        # A model that writes into its statistics is run once more, with copies of them.
        for _, look in looks:
            look.calls = 0

    with ExitStack() as hooks:
        if looks:
            hooks.callback(model.register_forward_pre_hook(begin).remove)
        for module, look in looks:
            hooks.callback(module.register_forward_pre_hook(look.before).remove)
            hooks.callback(module.register_forward_hook(look.after).remove)
        yield


class _Look:
    """Shows one call of one layer."""

    def __init__(self, name: str, number: int, observe: LayerObserver) -> None:
        self._name, self._number, self._observe = name, number, observe
        self.calls = 0
        # Of the layer's first argument before it runs; it rises when it is written into.
        self._given: int | None = None

    def before(self, _layer: nn.Module, args: tuple[Any, ...]) -> None:
        first = args[0] if args else None
        self._given = version_of(first) if isinstance(first, Tensor) else None

    def after(self, _layer: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
        call, self.calls = self.calls, self.calls + 1
        if call != self._number:
            return None
        wrote = self._given is not None and version_of(args[0]) != self._given
        position, first = first_tensor(output)
        if first is None:
            return None
        return with_first(output, position, self._observe(self._name, args, first, wrote))


def first_tensor(output: Any) -> tuple[int | None, Tensor | None]:
    """The first tensor of what a layer returned, and where it stands if that is a tuple or a list."""
    if isinstance(output, Tensor):
        return None, output
    if isinstance(output, tuple | list):
        for position, item in enumerate(output):
            if isinstance(item, Tensor):
                return position, item
    return None, None


def with_first(output: Any, position: int | None, first: Tensor) -> Any:
    """What a layer returned, with another first tensor."""
    if position is None:
        return first
    items = [*output[:position], first, *output[position + 1 :]]
    make: Callable[..., Any] = type(output)
    return make(*items) if hasattr(output, "_fields") else make(items)
