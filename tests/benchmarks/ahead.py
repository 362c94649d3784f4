"""Working ahead of the hand: how often the next answer is there already, and what that costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from xcnn_widgets.study.choice import Choice
from xcnn_widgets.study.exploration import Exploration
from xcnn_widgets.widgets.explorer.ahead import Ahead, likely_next

from .networks import Network
from .rows import Bound, Contender, Rival, Row, row
from .timing import Effort
from .wire import as_it_is

_PICTURES = 3


class _Always:
    @contextmanager
    def step(self) -> Iterator[Callable[[], bool]]:
        yield lambda: True


def ahead(network: Network, effort: Effort) -> Iterator[Row]:
    """A session of three pictures: its layers, its top classes, other methods, and a class that nobody expects."""
    asked, _ = _answered(network, effort, working_ahead=False)
    found, hits = _answered(network, effort, working_ahead=True)
    waits = Contender("ours", "Ahead.after each answer, and a pause", lambda: None)
    when_asked = Contender(
        "when asked",
        f"no work ahead; with it {hits} of {len(found)} answers were there before",
        lambda: None,
    )
    yield row(
        "12 a session ahead of the hand, median wait",
        network.name,
        waits,
        Rival(when_asked, Bound("at_least", aim=1.0)),
        found,
        asked,
        "ms",
        1e3,
    )
    yield row(
        "12 a session ahead of the hand, total wait",
        network.name,
        waits,
        Rival(when_asked, Bound("at_least", aim=1.0)),
        [sum(found)],
        [sum(asked)],
        "ms",
        1e3,
    )
    yield row(
        "12 a session ahead of the hand, work done",
        network.name,
        Contender("ours", "answers and everything done ahead", lambda: None),
        Rival(when_asked, Bound("at_most")),
        [_all_work(network, effort)],
        [sum(asked)],
        "ms",
        1e3,
    )


def _answered(network: Network, effort: Effort, *, working_ahead: bool) -> tuple[list[float], int]:
    """The wait for each answer, and how many of them were known before they were asked."""
    exploration = _exploration(network)
    before = Ahead(exploration, _Always())
    waits, hits = [], 0
    for choice in _session(exploration):
        hits += exploration.found(choice) is not None
        start = effort.clock()
        exploration.explain(choice)
        waits.append(effort.clock() - start)
        if working_ahead:
            before.after(choice)
            before.wait()
    exploration.close()
    return waits, hits


def _all_work(network: Network, effort: Effort) -> float:
    exploration = _exploration(network)
    start = effort.clock()
    for choice in _session(exploration):
        exploration.explain(choice)
        for question in likely_next(exploration, choice):
            exploration.explain(question)
    seconds = effort.clock() - start
    exploration.close()
    return seconds


def _exploration(network: Network) -> Exploration:
    random = np.random.default_rng(0)
    shape = (network.side, network.side, 3)
    pictures = {str(i): random.integers(0, 256, shape, dtype=np.uint8) for i in range(_PICTURES)}
    exploration = Exploration(
        network.model, pictures, transform=as_it_is, layers=network.session_layers
    )
    # What is found once for a model is not part of a session.
    exploration.layer_shapes(0)
    return exploration


def _session(exploration: Exploration) -> Iterator[Choice]:
    for index in range(_PICTURES):
        layers = exploration.layers(index)
        first = Choice(index, "grad_cam", layers[-1], None, 1, 1)
        yield first
        yield from (replace(first, layer=layer) for layer in reversed(layers[:-1]))
        top = [prediction.index for prediction in exploration.predictions(index)]
        yield from (replace(first, target=target) for target in top[1:])
        guided = replace(first, method="guided_grad_cam", target=top[1])
        yield guided
        yield replace(guided, target=top[0])
        yield replace(first, method="saliency")
        yield replace(first, target=min(set(range(len(top) + 1)) - set(top)))
