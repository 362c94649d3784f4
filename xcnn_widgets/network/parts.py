"""What a model is made of, found in one walk."""

from __future__ import annotations

from functools import cached_property
from operator import attrgetter

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.lazy import LazyModuleMixin
from torch.nn.parameter import is_lazy

from .graph import (
    Table,
    buffers_of,
    inside_compiled,
    is_compiled,
    parameters_of,
    some_compiled,
    tables_of,
    versions_of,
)

# To ask each weight whether it waits for its first value takes longer than to look at its class.
_WITH_VALUE = {Tensor, nn.Parameter}
is_training = attrgetter("training")


class ModelParts:
    """The modules and weights of a model as it stands now.

    To walk through a small network takes as long as one of its layers, so an answer does it once.

    Attributes
    ----------
    model
        The model.
    modules
        Every module once, in the order of ``model.modules()``.
    weights
        Their parameters; one that several share comes several times.
    statistics, buffers
        The tables of buffers of the BatchNorms, and of all other modules.
    """

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.modules: list[nn.Module] = []
        self.weights: list[Tensor] = []
        self.statistics: list[Table] = []
        self.buffers: list[Table] = []
        for module, weights, buffers in tables_of(model):
            self.modules.append(module)
            if weights:
                self.weights += [weight for weight in weights.values() if weight is not None]
            if buffers:
                (self.statistics if isinstance(module, _BatchNorm) else self.buffers).append(
                    buffers
                )

    @cached_property
    def is_scripted(self) -> bool:
        """Whether some module is scripted (torch.jit)."""
        return self._has_a(torch.jit.ScriptModule)

    @cached_property
    def is_compiled(self) -> bool:
        """Whether some module is compiled (torch.compile)."""
        return some_compiled(self.modules)

    @cached_property
    def has_inference_weights(self) -> bool:
        """Whether a weight was made under `inference_mode`, so that it fits in no graph."""
        return any(map(Tensor.is_inference, self.weights))

    @property
    def weights_version(self) -> int:
        """A number that rises when weights are written."""
        counted = self.weights
        if self.has_inference_weights:
            counted = [weight for weight in counted if not weight.is_inference()]
        return sum(versions_of(counted))

    def lazy_name(self) -> str | None:
        """The name of something without a value yet, as a lazy module has before its first input."""
        if {*map(type, self.weights)} <= _WITH_VALUE and not self._has_a(LazyModuleMixin):
            return None
        for path, module in self.model.named_modules():
            for name, tensor in [*parameters_of(module).items(), *buffers_of(module).items()]:
                if is_lazy(tensor):
                    return f"{path}.{name}".lstrip(".")
        return None

    def convolved_dimensions(self) -> set[int]:
        """How many dimensions of a grid the model's convolutions go over: 1, 2, 3; empty if it has none."""
        return {
            dimensions
            for dimensions, kind in enumerate((nn.Conv1d, nn.Conv2d, nn.Conv3d), 1)
            if self._has_a(kind)
        }

    @property
    def hides_code(self) -> bool:
        """Whether some module is scripted or compiled."""
        return self.is_scripted or self.is_compiled

    def why_relus_are_hidden(self) -> str | None:
        """Say which scripted or compiled module hides its ReLUs; None if there is none."""
        if not self.hides_code:
            return None
        for name, module in self.model.named_modules():
            where = f"its module {name!r}" if name else "the model"
            if isinstance(module, torch.jit.ScriptModule):
                return f"{where} is scripted (torch.jit)"
            if is_compiled(module):
                return f"{where} is compiled (torch.compile)"
        return None

    def _has_a(self, kind: type) -> bool:
        return any(issubclass(known, kind) for known in self._kinds)

    @cached_property
    def _kinds(self) -> set[type[nn.Module]]:
        return {*map(type, self.modules)}


def unwrapped(model: nn.Module) -> nn.Module:
    """The module inside `DataParallel`, `DistributedDataParallel` or `torch.compile`."""
    while True:
        if isinstance(model, nn.DataParallel | nn.parallel.DistributedDataParallel):
            model = model.module
        elif (inner := inside_compiled(model)) is not None:
            model = inner
        else:
            return model


def layer_kind(model: nn.Module, layer: str) -> str:
    """What kind of module a layer is, as ``Conv2d``; of one of several calls, of the module called."""
    inner = unwrapped(model)
    known = dict(inner.named_modules())
    module = known[layer] if layer in known else known[layer.rpartition(":")[0]]
    return str(getattr(module, "original_name", type(module).__name__))
