"""Copies of a model whose weights are random from the classifier down."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from ..network import Subject, model_lock, run


@dataclass(frozen=True)
class Step:
    """One step down: the modules whose weights are drawn anew in it."""

    name: str
    modules: tuple[str, ...]


def steps_of(
    model: nn.Module, inputs: Tensor, most: int | None = None, **call: Any
) -> tuple[Step, ...]:
    """The modules that hold weights and can draw them anew, the classifier first, in steps.

    They are taken in the reverse of the order in which the model runs them; a module that does not run has no say.

    Parameters
    ----------
    model, inputs
        As of `explain`.
    most
        How many steps at most: neighbours are then taken together, and the classifier stays alone. None is one for each.

    Raises
    ------
    ValueError
        If no module can draw its weights anew.
    """
    own = _copied(model)
    ran: dict[str, None] = {}
    for name, module in own.named_modules():
        if callable(getattr(module, "reset_parameters", None)):
            module.register_forward_pre_hook(lambda *_, name=name: ran.setdefault(name))
    with torch.no_grad():
        run(Subject.of(own, inputs, **call))
    names = [*reversed(ran)]
    if not names:
        raise ValueError(
            f"no module of {type(model).__name__} that runs has `reset_parameters`, so none can draw its weights "
            "anew; give your layers that method, as torch's own have it"
        )
    if most is None or most >= len(names):
        return tuple(Step(name, (name,)) for name in names)
    head, rest = names[:1], names[1:]
    count = max(1, most - 1)
    edges = [round(number * len(rest) / count) for number in range(count + 1)]
    groups = [head, *(rest[a:b] for a, b in pairwise(edges))]
    return tuple(Step(group[-1], tuple(group)) for group in groups if group)


def randomised(
    model: nn.Module, steps: tuple[Step, ...], seed: int = 0, *, independent: bool = False
) -> Iterator[nn.Module]:
    """After each step, the same copy of the model with random weights so far; the model itself is never touched.

    Parameters
    ----------
    seed
        Each module draws its weights from ``seed + 1``, as in Quantus; the process's own random numbers go on as if
        nothing had been drawn.
    independent
        Whether only the modules of the step are random, and not those of the steps before.
    """
    own = _copied(model)
    modules = dict(own.named_modules())
    devices = sorted({w.device.index for w in own.parameters() if w.is_cuda})
    trained = copy.deepcopy(own.state_dict()) if independent else {}
    for step in steps:
        if independent:
            own.load_state_dict(trained)
        for name in step.modules:
            with torch.random.fork_rng(devices=devices), torch.no_grad():
                torch.manual_seed(seed + 1)
                reset: Any = modules[name].reset_parameters
                reset()
        yield own


def _copied(model: nn.Module) -> nn.Module:
    """A copy without the hooks and the state of a run that is under way on another thread."""
    with model_lock(model):
        return copy.deepcopy(model)
