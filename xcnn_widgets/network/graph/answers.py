"""What a model ends in: softmax, sigmoid, or scores as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.graph import Node

from .nodes import is_dead_end, is_opaque, kind_of

# Of a dense answer, class scores are sums over pixels; of boxes there are none.
AnswerEnd = Literal["softmax", "sigmoid", "scores", "dense", "boxes", "unknown"]

# How far a sum of probabilities may be from one, in half precision too.
_NEARLY = 5e-3


def answer_end(answer: Tensor) -> AnswerEnd:
    """The last operation before a model's answer ``(B, classes)``, by its graph.

    What only moves numbers (a view, a slice, several heads side by side) is passed by. A mean of softmaxes,
    as of an ensemble, is one too, if its rows sum to one.

    Returns
    -------
    str
        ``softmax``: each row is a distribution. ``sigmoid``: each number is a probability by itself.
        ``scores``: neither; a logarithm of a softmax is a score as well, for its softmax is that one.
        ``unknown``: the graph does not tell, as behind compiled or scripted code, or where
        probabilities are reckoned with.

    Examples
    --------
    >>> x = torch.rand(1, 4, requires_grad=True)
    >>> answer_end(x.softmax(1)), answer_end(x.sigmoid()[:, :2]), answer_end(x * 2)
    ('softmax', 'sigmoid', 'scores')
    """
    ends: set[AnswerEnd] = set()
    is_reckoned = False
    waiting, seen = [answer.grad_fn], set()
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        behind = [each for each, _ in node.next_functions if each is not None]
        end = _end_of(node, behind)
        if end is not None:
            ends.add(end)
            continue
        is_reckoned = is_reckoned or kind_of(node) not in _moves()
        waiting += behind
    if not ends:
        return "unknown" if answer.grad_fn is None else "scores"
    if ends == {"softmax"}:
        if bool((answer.detach().float().sum(1) - 1).abs().max() < _NEARLY):
            return "softmax"
        # Columns of a distribution are probabilities still.
        return "unknown" if is_reckoned else "sigmoid"
    if ends == {"scores"} or (ends == {"sigmoid"} and not is_reckoned):
        return next(iter(ends))
    return "unknown"


def _end_of(node: Node, behind: list[Node]) -> AnswerEnd | None:
    """What an answer is that comes out of a node; None if that hangs on what lies behind it."""
    kind = kind_of(node)
    if is_opaque(node) or is_dead_end(node):
        return "unknown"
    named = _named()
    if kind in (named["softmax"], named["sigmoid"]):
        return "softmax" if kind == named["softmax"] else "sigmoid"
    if kind == named["exp"] and [*map(kind_of, behind)] == [named["log_softmax"]]:
        return "softmax"
    if kind in _moves() or (kind in _reckons() and (len(behind) == 1 or kind in _sums())):
        return None
    return "scores"


@cache
def _named() -> dict[str, str]:
    """The kind of node of each operation that says what an answer is."""
    functions: dict[str, Callable[[Tensor], Tensor]] = {
        "softmax": lambda x: x.softmax(1),
        "sigmoid": torch.sigmoid,
        "exp": torch.exp,
        "log_softmax": lambda x: F.log_softmax(x, 1),
    }
    return {name: next(iter(_kinds(function))) for name, function in functions.items()}


@cache
def _moves() -> frozenset[str]:
    """The kinds of nodes that hand on numbers as they are, or what is left of them to one."""
    return _kinds(
        torch.clone,
        lambda x: x.double(),
        lambda x: x.view(-1),
        lambda x: x.t().reshape(-1),
        lambda x: x.flatten(),
        lambda x: x.t(),
        lambda x: x.transpose(0, 1),
        lambda x: x.permute(1, 0),
        lambda x: x.unsqueeze(0),
        lambda x: x[:, :1].squeeze(1),
        lambda x: x[:1].squeeze(),
        lambda x: x[:, 0],
        lambda x: x[:, 1:],
        lambda x: x[:, [0, 1]],
        lambda x: x.unbind(1)[0],
        lambda x: x.chunk(2, 1)[0],
        lambda x: torch.split(x, [1, 1], 1)[0],
        lambda x: x.expand(3, 2, 2),
        lambda x: x.contiguous(memory_format=torch.contiguous_format).t().contiguous(),
        lambda x: torch.cat([x, x], 1),
        lambda x: torch.stack([x, x]),
        lambda x: 1 - x,
    )


@cache
def _sums() -> frozenset[str]:
    return _kinds(lambda x: x + x, lambda x: x - x, lambda x: x.mean(0), lambda x: x.sum(0))


@cache
def _reckons() -> frozenset[str]:
    """The kinds of nodes of which a distribution may come that is made of distributions."""
    return _sums() | _kinds(lambda x: x * 2, lambda x: x / 2)


def _kinds(*functions: Callable[[Tensor], Tensor]) -> frozenset[str]:
    """The kinds of the nodes that functions leave, found by running them."""
    with torch.inference_mode(False), torch.enable_grad():
        results: Iterable[Tensor] = (f(torch.ones(2, 2, requires_grad=True)) for f in functions)
        return frozenset(kind_of(each.grad_fn) for each in results if each.grad_fn is not None)
