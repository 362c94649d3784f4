"""Which tensor of a model's output holds the class scores."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor

from .detections import is_detections

# The key, attribute or index of the tensor in the output; or a callable that finds it.
OutputChoice = str | int | Callable[[Any], Tensor] | None

# What models call their class scores, and what image encoders call their embeddings.
_LOGITS = ("logits", "out")
_EMBEDDINGS = ("image_embeds", "pooler_output", "embeddings", "embedding")


def logits_of(output: Any, chosen: OutputChoice = None, samples: int | None = None) -> Tensor:
    """Find the class scores ``(B, classes)`` in whatever a model returned.

    Parameters
    ----------
    output
        A tensor; or a tuple, list, mapping, dataclass or other object that holds some, at any depth.
    chosen
        A key, an attribute, an index, or a callable from the output to the tensor. None takes what
        is called ``logits`` or ``out``, else the only tensor, else the only one with two dimensions.
    samples
        The number of inputs ``B``, if the scores must have one row for each.

    Raises
    ------
    TypeError
        If there is no tensor to be found.
    ValueError
        If several could be meant, or the scores are not one row a sample.
    """
    logits = _found(output, _LOGITS) if chosen is None else _chosen(output, chosen)
    if samples is not None and (logits.ndim == 0 or len(logits) != samples):
        raise ValueError(
            f"the model returned the shape {tuple(logits.shape)} for {samples} inputs; expected "
            "one row a sample, (B, classes): choose another tensor of its output with output=, or "
            "wrap the model in one that returns them so"
        )
    return logits


def embedding_of(output: Any, chosen: OutputChoice = None) -> Tensor:
    """Find the embedding ``(B, D)`` of each sample in whatever an image encoder returned.

    Arguments and errors as of `logits_of`, but for the names: ``image_embeds``, ``pooler_output``,
    ``embeddings`` and ``embedding``, in this order.
    """
    return _found(output, _EMBEDDINGS) if chosen is None else _chosen(output, chosen)


def tensors_of(output: Any, name: str = "") -> Iterator[tuple[str, Tensor]]:
    """Every floating tensor in an output, with where it is, as it would be written in Python."""
    if isinstance(output, Tensor):
        if output.is_floating_point():
            yield name, output
    elif isinstance(output, Mapping):
        for key, value in output.items():
            yield from tensors_of(value, f"{name}[{key!r}]")
    elif isinstance(output, Sequence) and not isinstance(output, str | bytes):
        fields = getattr(output, "_fields", None)
        for index, value in enumerate(output):
            part = f".{fields[index]}" if fields else f"[{index}]"
            yield from tensors_of(value, name + part)
    else:
        for field, value in _attributes(output):
            yield from tensors_of(value, f"{name}.{field}")


def _attributes(output: Any) -> Iterator[tuple[str, Any]]:
    if dataclasses.is_dataclass(output) and not isinstance(output, type):
        for field in dataclasses.fields(output):
            yield field.name, getattr(output, field.name)
    elif isinstance(getattr(output, "__dict__", None), dict):
        yield from vars(output).items()


def _found(output: Any, names: Sequence[str]) -> Tensor:
    if isinstance(output, Tensor):
        return output
    if is_detections(output):
        raise ValueError(
            "the model returned detections (boxes with scores), which are no class scores: explain "
            "one of them with target=xw.box(index), or choose a tensor with output="
        )
    for name in names:
        named = output.get(name) if isinstance(output, Mapping) else getattr(output, name, None)
        if isinstance(named, Tensor):
            return named
    tensors = dict(tensors_of(output))
    if len(tensors) == 1:
        return next(iter(tensors.values()))
    rows = {name: tensor for name, tensor in tensors.items() if tensor.ndim == 2}
    if len(rows) == 1:
        return next(iter(rows.values()))
    kind = type(output).__name__
    if not tensors:
        raise TypeError(
            f"the model returned {kind}, in which no logits were found; expected a tensor "
            "(B, classes), a tuple or dict that holds one, or an object with .logits: wrap the "
            "model in one that returns its logits, or pass a callable as target"
        )
    told = ", ".join(f"{name} {tuple(tensor.shape)}" for name, tensor in tensors.items())
    raise ValueError(
        f"the model returned {kind} with several tensors ({told}), and which of them is meant (what "
        f"is called {' or '.join(map(repr, names))}) is not known; say so with output= (a key, an index, or a callable from the "
        "output to the tensor), or pass a callable as target"
    )


def _chosen(output: Any, chosen: str | int | Callable[[Any], Tensor]) -> Tensor:
    if callable(chosen):
        found: Any = chosen(output)
        what = f"the callable output={getattr(chosen, '__name__', chosen)!r}"
    else:
        what = f"output={chosen!r}"
        try:
            found = _part(output, chosen)
        except (KeyError, IndexError, AttributeError, TypeError):
            told = ", ".join(name or "the output itself" for name, _ in tensors_of(output))
            raise ValueError(
                f"{what}: the model returned {type(output).__name__}, which has no such part; its "
                f"tensors are {told or 'none'}"
            ) from None
    if not isinstance(found, Tensor):
        raise TypeError(f"{what} found {type(found).__name__}; expected a tensor (B, classes)")
    return found


def _part(output: Any, chosen: str | int) -> Any:
    if isinstance(chosen, str) and not isinstance(output, Mapping):
        return getattr(output, chosen)
    return output[chosen]
