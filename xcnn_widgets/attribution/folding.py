"""A faster run for many samples: each BatchNorm folded into the convolution before it, channels last.

In evaluation a BatchNorm is a factor and an offset for each channel. Worked into the weights of the
convolution before it, it costs nothing: its pass over the maps is gone, forward and backward, and
so is what the graph would have kept for it. Which ones may be folded is not read off the model's
text: the first run is watched, and is the model's own; later runs are held to what was seen, and
one that does not keep to it is run again as it stands.
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from weakref import WeakKeyDictionary, WeakSet

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from .folded_weights import FoldedWeights
from .graph import is_packed
from .model_parts import modules_of

_Result = TypeVar("_Result")

# Half floats round too coarsely to be multiplied in another order.
_FOLDED_TYPES = (torch.float32, torch.float64)


@dataclass(eq=False)
class _Seen:
    """What was seen of a model: which BatchNorm follows which convolution, and where that failed."""

    pairs: Mapping[nn.Module, nn.Module] | None = None
    refused: WeakSet[nn.Module] = field(default_factory=WeakSet)


_seen: WeakKeyDictionary[nn.Module, _Seen] = WeakKeyDictionary()


class NotAsSeenError(Exception):
    """A run did not go as the run before it; it has to be run as the model stands."""


def is_watched(model: nn.Module) -> bool:
    """Whether it is known what can be folded, so that the next run is not a model's own."""
    seen = _seen.get(model)
    return seen is not None and seen.pairs is not None


def run_fast(
    model: nn.Module,
    call: Callable[[Watching | Folding], _Result],
    weights: FoldedWeights | None = None,
) -> _Result:
    """What a call returns that runs a model once: as it stands and watched, from then on folded.

    Parameters
    ----------
    model
        The model.
    call
        Runs it, and ends with the `finish` of what it is handed.
    weights
        Those of the runs before, to be used again.
    """
    try:
        with _fast(model, weights) as way:
            return call(way)
    except NotAsSeenError:
        pass
    # Out here nothing holds on to what that run made. This one is the model's own, and watched.
    with _fast(model, weights) as way:
        return call(way)


def _fast(model: nn.Module, weights: FoldedWeights | None) -> Watching | Folding:
    seen = _seen.setdefault(model, _Seen())
    return Watching(model, seen) if seen.pairs is None else Folding(model, seen, weights)


class _Run(TorchFunctionMode):
    """Follows what becomes of the convolutions' results."""

    def __init__(self, model: nn.Module, seen: _Seen) -> None:
        super().__init__()
        self._model, self._seen = model, seen
        self._owners: dict[int, nn.Module] | None = None
        # By the result's identity, which is another tensor's once it is gone.
        self._results: dict[int, tuple[weakref.ref[Tensor], nn.Module]] = {}

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        return self._call(func, args, kwargs or {})

    def given(self, inputs: Tensor) -> Tensor:
        """The inputs as they go into the model."""
        return inputs

    def _call(self, func: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        raise NotImplementedError

    def _convolution(self, weight: Tensor) -> nn.Module | None:
        """The convolution that a weight belongs to, if it may be folded at all."""
        if self._owners is None:
            # Only now the tensors that stand in for the model's own are in their places.
            modules = modules_of(self._model)
            weights = ((module, module._parameters.get("weight")) for module in modules)
            self._owners = {id(own): module for module, own in weights if own is not None}
        owner = self._owners.get(id(weight))
        return owner if weight.dtype in _FOLDED_TYPES and not is_packed() else None

    def _note(self, result: Tensor, convolution: nn.Module) -> None:
        self._results[id(result)] = weakref.ref(result), convolution

    def _made_by(self, tensor: Tensor) -> nn.Module | None:
        """The convolution whose result a tensor is."""
        found = self._results.get(id(tensor))
        return None if found is None or found[0]() is not tensor else found[1]

    def _read(self, values: Iterable[object]) -> list[nn.Module]:
        """The convolutions whose results are among what is read."""
        read: list[nn.Module] = []
        for value in values:
            if isinstance(value, Tensor):
                convolution = self._made_by(value)
                if convolution is not None:
                    read.append(convolution)
            elif isinstance(value, list | tuple | set):
                read += self._read(value)
            elif isinstance(value, Mapping):
                read += self._read(value.values())
        return read


class Watching(_Run):
    """Leaves a run as it is, and sees which BatchNorm alone reads which convolution's result."""

    def __init__(self, model: nn.Module, seen: _Seen) -> None:
        super().__init__(model, seen)
        self._runs: dict[nn.Module, int] = {}
        # Who reads a convolution's result: a BatchNorm, or, told by None, somebody else.
        self._readers: dict[nn.Module, list[nn.Module | None]] = {}

    def _call(self, func: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        if func not in _LOOKS:
            read = self._read((args, kwargs))
            if read:
                norm = _Norm(args, kwargs) if func is F.batch_norm else None
                reader = None if norm is None else norm.owner(modules_of(self._model))
                self._are_read_by(reader, read)
        result = func(*args, **kwargs)
        if func is F.conv2d and len(args) > _BIAS:
            convolution = self._convolution(args[_WEIGHT])
            if convolution is not None:
                self._runs[convolution] = self._runs.get(convolution, 0) + 1
                self._note(result, convolution)
        return result

    def finish(self, output: object) -> None:
        """Conclude from a run that returned `output`."""
        self._are_read_by(None, self._read([output]))
        self._seen.pairs = {
            convolution: readers[0]
            for convolution, readers in self._readers.items()
            if readers[0] is not None
            and readers == readers[:1] * self._runs[convolution]
            and convolution not in self._seen.refused
        }

    def _are_read_by(self, reader: nn.Module | None, read: Iterable[nn.Module]) -> None:
        for convolution in read:
            self._readers.setdefault(convolution, []).append(reader)


class Folding(_Run):
    """Works each BatchNorm seen into its convolution; all maps are channels last."""

    def __init__(self, model: nn.Module, seen: _Seen, weights: FoldedWeights | None) -> None:
        super().__init__(model, seen)
        self._pairs = seen.pairs or {}
        self._weights = weights or FoldedWeights()
        self._waiting: list[nn.Module] = []

    def given(self, inputs: Tensor) -> Tensor:
        """The inputs as they go into the model."""
        return inputs.contiguous(memory_format=torch.channels_last)

    def _call(self, func: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        read = [] if func in _LOOKS else self._read((args, kwargs))
        if read and func is F.batch_norm:
            return self._norm(read[0], _Norm(args, kwargs))
        self._refuse(read)
        if func is F.conv2d and len(args) > _BIAS:
            return self._convolve(*args, **kwargs)
        return func(*args, **kwargs)

    def finish(self, output: object) -> None:
        """Hold a run that returned `output` to what was seen."""
        self._refuse(self._read([output]) or self._waiting)

    def _convolve(
        self, given: Tensor, weight: Tensor, bias: Tensor | None, *rest: Any, **more: Any
    ) -> Tensor:
        convolution = self._convolution(weight)
        norm = None if convolution is None else self._pairs.get(convolution)
        weight, bias = self._weights.of(convolution, weight, bias, norm)
        result = F.conv2d(given, weight, bias, *rest, **more)
        if convolution is not None and norm is not None:
            self._note(result, convolution)
            self._waiting.append(convolution)
        return result

    def _norm(self, convolution: nn.Module, norm: _Norm) -> Tensor:
        if norm.owner([self._pairs[convolution]]) is None or convolution not in self._waiting:
            self._refuse([convolution])
        self._waiting.remove(convolution)
        # The same numbers under another name, and to autograd no view: whoever reads the
        # convolution's own result from now on is found out, and a ReLU may write into it.
        renamed: Tensor = torch.ops.aten._unsafe_view(norm.given, norm.given.shape)
        return renamed

    def _refuse(self, read: Sequence[nn.Module]) -> None:
        """Nobody but its BatchNorm may see a folded result."""
        if read:
            self._seen.refused.update(read)
            self._seen.pairs = None
            raise NotAsSeenError


class _Norm:
    """What `torch.nn.functional.batch_norm` was asked."""

    def __init__(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        self._asked = {**_BATCH_NORM, **dict(zip(_BATCH_NORM, args, strict=False)), **kwargs}
        self.given: Tensor = self._asked["input"]

    def owner(self, modules: Iterable[nn.Module]) -> nn.Module | None:
        """The one of some modules that asks this in evaluation."""
        if self._asked["training"] or self._asked["running_mean"] is None:
            return None
        return next((module for module in modules if self._is_asked_by(module)), None)

    def _is_asked_by(self, module: nn.Module) -> bool:
        own = {**module._parameters, **module._buffers}
        return self._asked["eps"] == getattr(module, "eps", None) and all(
            self._asked[name] is own.get(name)
            for name in ("running_mean", "running_var", "weight", "bias")
        )


# What `batch_norm` is asked, in the order of its arguments, with what it takes where it is not told.
_BATCH_NORM = {
    name: asked.default for name, asked in inspect.signature(F.batch_norm).parameters.items()
}
# Where a convolution module hands these to `conv2d`.
_WEIGHT, _BIAS = 1, 2
# What tells a tensor's kind and shape, and nothing of its numbers.
_LOOKS: frozenset[Callable[..., Any]] = frozenset(
    {
        Tensor.dim,
        Tensor.size,
        Tensor.is_floating_point,
        Tensor.shape.__get__,  # type: ignore[attr-defined]
        Tensor.ndim.__get__,  # type: ignore[attr-defined]
        Tensor.dtype.__get__,  # type: ignore[attr-defined]
        Tensor.device.__get__,
        Tensor.requires_grad.__get__,  # type: ignore[attr-defined]
    }
)
