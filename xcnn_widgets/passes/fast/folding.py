"""A faster run for many samples: each BatchNorm folded into the convolution before it, channels last.

In evaluation a BatchNorm is a factor and an offset for each channel. Worked into the weights of the
convolution before it, it costs nothing: its pass over the maps is gone, forward and backward, and
so is what the graph would have kept for it. Which ones may be folded is not read off the model's
text: the first run is watched, and is the model's own, and has to come out the same when it is
made folded; later runs are held to what was seen, and one that does not keep to it is run again as
it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar
from weakref import WeakKeyDictionary

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from ...network import (
    Cancelled,
    Subject,
    buffers_of,
    has_backward_hooks,
    has_forward_hooks,
    is_packed,
    parameters_of,
    run,
)
from .folded_weights import FoldedWeights
from .memory import out_of_memory
from .watching import BIAS, FOLDED_TYPES, WEIGHT, Seen, Watching, tensors_in

_Result = TypeVar("_Result")

_seen: WeakKeyDictionary[nn.Module, Seen] = WeakKeyDictionary()


class NotAsSeenError(Exception):
    """A run did not go as the run before it; it has to be run as the model stands."""


def is_folded(inputs: Tensor, *, exact: bool) -> bool:
    """Whether a model is run the faster way on some inputs.

    On a graphics card it is not: to make the weights of ResNet-50 takes longer there than a batch of 32.
    """
    return not exact and inputs.is_cpu


def is_watched(model: nn.Module) -> bool:
    """Whether it is known what can be folded, so that the next run is not a model's own."""
    seen = _seen.get(model)
    return seen is not None and seen.pairs is not None


def run_fast(
    subject: Subject,
    call: Callable[..., _Result],
    weights: FoldedWeights | None = None,
) -> _Result:
    """What a call returns that runs a model once: as it stands and watched, from then on folded.

    A model that does not take its inputs channels last, or is not what it was when it was watched, is
    run as it stands.

    Parameters
    ----------
    subject
        The model.
    call
        Runs it, and ends with the `finish` of what it is handed; handed nothing, it runs it as it stands.
    weights
        Those of the runs before, to be used again.
    """
    seen = _seen.setdefault(subject.model, Seen())
    if not seen.takes_folding:
        return call()
    if seen.pairs is None:
        return _watched(subject, seen, call)
    try:
        with Folding(seen, weights) as way:
            return call(way)
    except NotAsSeenError:
        is_taken = True
    except Cancelled:
        raise
    except Exception as error:
        if out_of_memory(error):
            raise
        # Where the model as it stands fails too, the fault is not ours.
        is_taken = False
    # Out here nothing holds on to what that run made.
    result = _watched(subject, seen, call) if is_taken else call()
    seen.takes_folding = is_taken
    return result


def _watched(subject: Subject, seen: Seen, call: Callable[..., _Result]) -> _Result:
    """Run a model as it stands, see what can be folded, and whether it answers the same when that is."""
    with Watching(subject.model, seen) as way:
        result = call(way)
    try:
        with torch.inference_mode(False), torch.no_grad(), Folding(seen, None) as folding:
            output = run(subject, folding.given(way.inputs))
            folding.finish(output)
        seen.takes_folding = way.agrees_with(output)
    except NotAsSeenError:
        # Who reads a folded result is known now; the next run is watched again.
        pass
    except Exception:
        seen.takes_folding = False
    return result


class Folding:
    """While open, works each BatchNorm seen into its convolution.

    A convolution is computed with the weights of both, and what it hands on is a `_Folded`, which nobody but its
    BatchNorm may touch. Only the functions that `torch.nn.Module.__call__` ends in are exchanged.
    """

    def __init__(self, seen: Seen, weights: FoldedWeights | None) -> None:
        self._seen = seen
        self._pairs = seen.pairs or {}
        self._weights = weights or FoldedWeights()
        self._exchanged: list[nn.Module] = []
        # Those whose results no BatchNorm has taken yet.
        self._waiting: list[nn.Module] = []

    def __enter__(self) -> Self:
        for convolution in self._seen.convolutions:
            self._exchange(convolution, self._convolve)
        for norm in set(self._pairs.values()):
            self._exchange(norm, self._normalise)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for module in self._exchanged:
            del module.__dict__["forward"]

    def given(self, inputs: Tensor) -> Tensor:
        """The inputs as they go into the model."""
        return inputs.contiguous(memory_format=torch.channels_last)

    def finish(self, output: object) -> None:
        """Hold a run that returned `output` to what was seen."""
        shown = [each.convolution for each in tensors_in([output]) if isinstance(each, _Folded)]
        self.refuse(*(shown or self._waiting))

    def _exchange(self, module: nn.Module, stand_in: Callable[..., Any]) -> None:
        # Where somebody has put a function of their own, it stays.
        if "forward" not in module.__dict__:
            module.__dict__["forward"] = partial(stand_in, module)
            self._exchanged.append(module)

    def _convolve(self, convolution: nn.Module, *args: Any, **named: Any) -> Any:
        weight = parameters_of(convolution).get("weight")
        usual = len(args) == 1 and not named and isinstance(args[0], Tensor)
        if not usual or weight is None or weight.dtype not in FOLDED_TYPES or is_packed():
            return type(convolution).forward(convolution, *args, **named)
        norm = self._pairs.get(convolution)
        if norm is None or not (_is_itself(norm) and _nobody_looks(convolution, norm)):
            return self._computed(convolution, args[0], weight, None)
        result = self._computed(convolution, args[0], weight, norm)
        self._waiting.append(convolution)
        return _Folded.of(convolution, result, self)

    def _computed(
        self, convolution: nn.Module, given: Tensor, own: Tensor, norm: nn.Module | None
    ) -> Tensor:
        bias = parameters_of(convolution).get("bias")
        weight, offset = self._weights.of(convolution, own, bias, norm)
        uses = 0

        def convolved(*args: Any, **named: Any) -> Tensor:
            nonlocal uses
            if len(args) > BIAS and args[WEIGHT] is own:
                uses += 1
                args = (args[0], weight, offset, *args[BIAS + 1 :])
            return F.conv2d(*args, **named)

        with _Instead(F.conv2d, convolved):
            result: Tensor = type(convolution).forward(convolution, given)
        if norm is not None and uses != 1:
            self.refuse(convolution)
        return result

    def _normalise(self, norm: nn.Module, *args: Any, **named: Any) -> Any:
        if not args or not isinstance(args[0], _Folded):
            return type(norm).forward(norm, *args, **named)
        convolution = args[0].convolution
        if self._pairs.get(convolution) is not norm or convolution not in self._waiting:
            self.refuse(convolution)
        self._waiting.remove(convolution)
        result = args[0].taken()
        if type(norm) is nn.BatchNorm2d:
            return result

        def normalised(*args: Any, **named: Any) -> Tensor:
            given = args[0] if args else named["input"]
            return result if given is result else F.batch_norm(*args, **named)

        # What a class of its own does beside it is not worked in.
        with _Instead(F.batch_norm, normalised):
            return type(norm).forward(norm, result, *args[1:], **named)

    def refuse(self, *convolutions: nn.Module) -> None:
        """Nobody but its BatchNorm may see a folded result: those of which somebody did are folded no more."""
        if convolutions:
            self._seen.refused.update(convolutions)
            self._seen.pairs = None
            raise NotAsSeenError


class _Folded(Tensor):
    """Stands for what a convolution would have returned; whoever does anything with it is found out."""

    convolution: nn.Module
    _result: Tensor | None
    _run: Folding

    @classmethod
    def of(cls, convolution: nn.Module, result: Tensor, run: Folding) -> _Folded:
        folded: _Folded = _NOTHING.as_subclass(cls)
        folded.convolution, folded._result, folded._run = convolution, result, run
        return folded

    def taken(self) -> Tensor:
        """The result with the BatchNorm worked in, once."""
        result, self._result = self._result, None
        assert result is not None
        return result if torch.is_grad_enabled() else result.detach()

    @classmethod
    def __torch_function__(
        cls,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        for tensor in tensors_in((args, kwargs or {})):
            if isinstance(tensor, _Folded):
                tensor._run.refuse(tensor.convolution)
        raise NotAsSeenError


class _Instead(TorchFunctionMode):
    """While open, something else is called in place of one of torch's functions."""

    def __init__(self, own: Callable[..., Any], other: Callable[..., Any]) -> None:
        super().__init__()
        self._own, self._other = own, other

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        called = self._other if func is self._own else func
        return called(*args, **(kwargs or {}))


_NOTHING = torch.empty(0)


def _is_itself(norm: nn.Module) -> bool:
    """Whether a BatchNorm does in this run what it did when it was watched."""
    return not norm.training and buffers_of(norm).get("running_mean") is not None


def _nobody_looks(convolution: nn.Module, norm: nn.Module) -> bool:
    """Whether no hook is handed what goes between them; one of the BatchNorm's that touches it is found out."""
    return not (
        has_forward_hooks(convolution)
        or has_backward_hooks(convolution)
        or has_backward_hooks(norm)
    )
