"""A run that is watched: which BatchNorm alone reads which convolution's result."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from ...network import buffers_of, is_packed, modules_of, parameters_of

# Half floats round too coarsely to be multiplied in another order.
FOLDED_TYPES = (torch.float32, torch.float64)


@dataclass(eq=False)
class Seen:
    """What was seen of a model.

    Attributes
    ----------
    pairs
        Which BatchNorm follows which convolution; None before a run was watched.
    convolutions
        All that ran, with a BatchNorm behind them or without.
    refused
        Convolutions whose results somebody else read in a later run.
    takes_folding
        Whether the model ran folded, and answered the same.
    """

    pairs: Mapping[nn.Module, nn.Module] | None = None
    convolutions: Collection[nn.Module] = ()
    refused: weakref.WeakSet[nn.Module] = field(default_factory=weakref.WeakSet)
    takes_folding: bool = True


class Watching(TorchFunctionMode):
    """Leaves a run as it is, and sees which BatchNorm alone reads which convolution's result.

    Attributes
    ----------
    inputs, output
        What went into the model, and what came out.
    """

    inputs: Tensor
    output: Any

    def __init__(self, model: nn.Module, seen: Seen) -> None:
        super().__init__()
        self._model, self._seen = model, seen
        self._owners: dict[int, nn.Module] | None = None
        # By the result's identity, which is another tensor's once it is gone.
        self._results: dict[int, tuple[weakref.ref[Tensor], nn.Module]] = {}
        self._runs: dict[nn.Module, int] = {}
        # Who reads a convolution's result: a BatchNorm, or, told by None, somebody else.
        self._readers: dict[nn.Module, list[nn.Module | None]] = {}

    def given(self, inputs: Tensor) -> Tensor:
        """The inputs as they go into the model."""
        self.inputs = inputs.detach()
        return inputs

    def finish(self, output: object) -> None:
        """Conclude from a run that returned `output`."""
        self.output = output
        self._are_read_by(None, self._read([output]))
        self._seen.convolutions = tuple(self._runs)
        self._seen.pairs = {
            convolution: readers[0]
            for convolution, readers in self._readers.items()
            if readers[0] is not None
            and readers == readers[:1] * self._runs[convolution]
            and convolution not in self._seen.refused
        }

    def agrees_with(self, folded: Any) -> bool:
        """Whether another output of the model differs from the watched one in its last digits at most."""
        return all(
            bool((one - other).abs().max() <= _ROUNDING * one.abs().max())
            for one, other in zip(tensors_in([self.output]), tensors_in([folded]), strict=False)
            if one.is_floating_point() and one.numel() and one.isfinite().all()
        )

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        named = kwargs or {}
        if func not in _LOOKS:
            read = self._read((args, named))
            if read:
                norm = _Norm(args, named) if func is F.batch_norm else None
                reader = None if norm is None else norm.owner(modules_of(self._model))
                self._are_read_by(reader, read)
        result = func(*args, **named)
        if func is F.conv2d and len(args) > BIAS:
            convolution = self._convolution(args[WEIGHT])
            if convolution is not None:
                self._runs[convolution] = self._runs.get(convolution, 0) + 1
                self._results[id(result)] = weakref.ref(result), convolution
        return result

    def _convolution(self, weight: Tensor) -> nn.Module | None:
        """The convolution that a weight belongs to, if it may be folded at all."""
        if self._owners is None:
            # Only now the tensors that stand in for the model's own are in their places.
            modules = modules_of(self._model)
            weights = ((module, parameters_of(module).get("weight")) for module in modules)
            self._owners = {id(own): module for module, own in weights if own is not None}
        owner = self._owners.get(id(weight))
        return owner if weight.dtype in FOLDED_TYPES and not is_packed() else None

    def _read(self, values: Iterable[object]) -> list[nn.Module]:
        """The convolutions whose results are among what is read."""
        made = ((tensor, self._results.get(id(tensor))) for tensor in tensors_in(values))
        return [found[1] for tensor, found in made if found is not None and found[0]() is tensor]

    def _are_read_by(self, reader: nn.Module | None, read: Iterable[nn.Module]) -> None:
        for convolution in read:
            self._readers.setdefault(convolution, []).append(reader)


def tensors_in(values: Iterable[object]) -> Iterator[Tensor]:
    """All tensors among some values, and in what these hold."""
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, list | tuple | set):
            yield from tensors_in(value)
        elif isinstance(value, Mapping):
            yield from tensors_in(value.values())


# Of the largest value: weights worked into each other are rounded anew.
_ROUNDING = 1e-3


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
        own = {**parameters_of(module), **buffers_of(module)}
        return self._asked["eps"] == getattr(module, "eps", None) and all(
            self._asked[name] is own.get(name)
            for name in ("running_mean", "running_var", "weight", "bias")
        )


# What `batch_norm` is asked, in the order of its arguments, with what it takes where it is not told.
_BATCH_NORM = {
    name: asked.default for name, asked in inspect.signature(F.batch_norm).parameters.items()
}
# Where a convolution module hands these to `conv2d`.
WEIGHT, BIAS = 1, 2
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
