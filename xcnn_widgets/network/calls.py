"""What every module did in one recorded run of a model, and whether the answer hangs on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import GradientEdge

from .graph import is_view, moved_nodes, narrow_nodes, nodes_in_order, version_of
from .layouts import Grid, Layout, possible_layouts
from .outputs import tensors_of
from .running import first_tensor, with_first
from .subject import Subject


@dataclass(eq=False)
class Call:
    """One call of one module.

    Attributes
    ----------
    name, number
        The module's name, and which of its calls this is, 0 for the first.
    parent, children
        The call inside which it was made, and those made inside it.
    shape
        That of the output.
    layouts
        The ways in which the output may lie over the input; after `verify`, the one that was seen to
        be so, or none.
    is_evident
        Whether the first of them follows from the graph: nothing on the path from the input moves
        values to other places.
    weights
        How many there are in the module and all inside it.
    mixes_channels
        Whether it has a weight of more than one dimension of its own.
    is_single
        Whether it returned one tensor.
    is_identity
        Whether it hands on what it was given.
    depends
        Whether its output depends on the input.
    on_path
        Whether the answer depends on its output.
    is_narrow
        Whether all that reaches the answer from the input passes its output, as it passes a residual
        block, but not the queries and keys inside it.
    is_used
        Whether anything that the model returns depends on it.
    reads_grid
        Whether the answer depends on the part of the output that is the grid.
    is_felt
        Whether its gradient is other than zero, of a callable target: a box may be found on one of
        several levels.
    """

    name: str
    number: int
    parent: Call | None
    weights: int
    children: list[Call] = field(default_factory=list)
    shape: tuple[int, ...] = ()
    layouts: list[Layout] = field(default_factory=list)
    is_evident: bool = False
    mixes_channels: bool = False
    is_single: bool = False
    is_identity: bool = False
    depends: bool = False
    on_path: bool = False
    is_narrow: bool = False
    is_used: bool = False
    reads_grid: bool = True
    is_felt: bool = True

    @property
    def counts(self) -> bool:
        """Whether what is explained hangs on its output."""
        return self.on_path and self.is_felt

    @property
    def layout(self) -> Layout | None:
        """How the output lies over the input; None if it has no grid."""
        return self.layouts[0] if self.layouts else None

    @property
    def grid(self) -> Grid | None:
        """The grid, if it has more than one cell."""
        grid = None if self.layout is None else self.layout.grid
        return None if grid is None or set(grid) == {1} else grid

    def inside(self) -> Iterator[Call]:
        """All calls made inside it."""
        for child in self.children:
            yield child
            yield from child.inside()


class Watch:
    """Notes the calls of a run."""

    def __init__(self, subject: Subject, inputs: Tensor) -> None:
        self.calls: list[Call] = []
        self.cut: str | None = None
        self._inputs = inputs
        self._modules = dict(subject.model.named_modules())
        self._weights = _weight_counts(subject.model)
        self._open: list[Call] = []
        self._counts: dict[str, int] = {}
        self._edges: dict[Call, GradientEdge] = {}
        # Only of tokens with others before them it can be asked which of them are read.
        self._tokens: dict[Call, Tensor] = {}
        self._given: list[int | None] = []

    @contextmanager
    def watching(self) -> Iterator[None]:
        """While open, notes each call of each module."""
        with ExitStack() as hooks:
            for name, module in self._modules.items():
                if not isinstance(module, torch.jit.ScriptModule):
                    before = partial(self._begin, name)
                    hooks.callback(module.register_forward_pre_hook(before).remove)
                    after = module.register_forward_hook(self._end)
                    hooks.callback(after.remove)
            yield

    def _begin(self, name: str, _module: nn.Module, args: tuple[Any, ...]) -> None:
        if not name and not self._open:
            # A model that writes into its statistics is run once more, with copies of them.
            self.calls.clear()
            self._counts.clear()
        number = self._counts.get(name, 0)
        self._counts[name] = number + 1
        parent = self._open[-1] if self._open else None
        self._open.append(Call(name, number, parent, self._weights[name]))
        first = args[0] if args else None
        self._given.append(version_of(first) if isinstance(first, Tensor) else None)

    def _end(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
        call, version = self._open.pop(), self._given.pop()
        if call.parent is not None:
            call.parent.children.append(call)
        self.calls.append(call)
        position, first = first_tensor(output)
        if first is None:
            return None
        given = args[0] if args else None
        wrote = isinstance(given, Tensor) and version_of(given) != version
        call.is_identity = isinstance(given, Tensor) and _same_values(first, given) and not wrote
        call.shape, call.is_single = tuple(first.shape), len([*tensors_of(output)]) == 1
        call.layouts = possible_layouts(first, self._inputs, module)
        own = module.parameters(recurse=False)
        call.mixes_channels = any(weight.ndim > 1 for weight in own)
        call.depends = first.requires_grad
        if self.cut is None and not call.depends and not call.children:
            was_given = any(isinstance(each, Tensor) and each.requires_grad for each in args)
            if was_given and first.is_floating_point():
                self.cut = call.name
        if first.grad_fn is None:
            return None
        if is_view(first):
            # What is later written into a view would have another node.
            first = first.clone()
            output = with_first(output, position, first)
        assert first.grad_fn is not None
        self._edges[call] = GradientEdge(first.grad_fn, first.output_nr)
        if any(layout.prefix for layout in call.layouts):
            self._tokens[call] = first
        return output

    def conclude(self, roots: Sequence[Tensor], output: Sequence[Tensor]) -> None:
        """Find out, from the graph, which calls lie between the input and the answer, or all of the output."""
        asked = [root.grad_fn for root in roots if root.grad_fn is not None]
        order = nodes_in_order(asked)
        reached, narrow = set(order), narrow_nodes(order, asked)
        others = [each.grad_fn for each in output if each.grad_fn is not None]
        if not reached.issuperset(others):
            order = nodes_in_order([*asked, *others])
        used, moved = set(order), moved_nodes(order, self._inputs.ndim - 2)
        for call, edge in self._edges.items():
            call.on_path, call.is_used = edge.node in reached, edge.node in used
            call.is_narrow = edge.node in narrow
            firsts = [layout for layout in call.layouts if layout.kind == "channels_first"]
            if firsts and edge.node not in moved:
                call.layouts, call.is_evident = firsts, True
        for call in self.calls:
            # One module that stands for many places of the network is no place to choose.
            is_reused = not call.weights and self._counts[call.name] > 1
            if is_reused or not call.is_used:
                call.layouts = []
        self._look_at_tokens(roots)

    def feel(self, roots: Sequence[Tensor]) -> None:
        """Find out where the gradient of the answer is other than zero."""
        edges = {call: edge for call, edge in self._edges.items() if call.on_path and call.layouts}
        if edges:
            answer = sum((root.sum() for root in roots), torch.zeros(()))
            found = torch.autograd.grad(answer, [*edges.values()], allow_unused=True)
            for call, gradient in zip(edges, found, strict=True):
                call.is_felt = gradient is not None and bool(gradient.any())

    def _look_at_tokens(self, roots: Sequence[Tensor]) -> None:
        """Whether only the tokens before the grid are read, as of a class token after the last block."""
        suspects = {c: tokens for c, tokens in self._tokens.items() if c.on_path and c.layouts}
        if not suspects:
            return
        answer = sum((root.amax() for root in roots if root.requires_grad), torch.zeros(()))
        gradients = torch.autograd.grad(
            answer, [*suspects.values()], retain_graph=True, materialize_grads=True
        )
        for call, gradient in zip(suspects, gradients, strict=True):
            prefix = max((layout.prefix for layout in call.layouts), default=0)
            call.reads_grid = bool(gradient[:, prefix:].any()) or not gradient.any()


def _same_values(output: Tensor, given: Tensor) -> bool:
    """Whether an output is what the module was given, perhaps with its axes in another order."""
    return output.numel() == given.numel() and output.data_ptr() == given.data_ptr()


def _weight_counts(model: nn.Module) -> dict[str, int]:
    """How many weights each module has, with all modules inside it."""
    modules = dict(model.named_modules())
    counts = dict.fromkeys(modules, 0)
    for name, module in modules.items():
        own = sum(weight.numel() for weight in module.parameters(recurse=False))
        outer = name
        while own:
            counts[outer] += own
            if not outer:
                break
            outer = outer.rpartition(".")[0]
    return counts
