"""Several models on the same pictures: one exploration each, made when it is first looked at."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

from torch import nn

from .checkpoints import Checkpoint, Checkpoints
from .exploration import Exploration
from .kept_passes import GRAPH_BYTES

# Of more, those that were looked at longest ago let go of what can be found again; checkpoints, of their weights too.
MOST_OPEN = 4

# What may be said of each model by itself, in a dict from its name.
_EACH_ITS_OWN = frozenset(
    {
        "activation",
        "additional_forward_args",
        "class_names",
        "device",
        "display",
        "layers",
        "methods",
        "output",
        "reshape",
        "targets",
        "transform",
    }
)


class Models:
    """A model, or several by their names, and the `Exploration` of each.

    Parameters
    ----------
    given
        A model as `Exploration` takes it, which has no name; or a mapping from names to models.
    images
        What all of them are asked about; each reads it with its own transform.
    cache_bytes, graph_bytes
        As of `Exploration`, for all models together.
    **options
        Any other argument of `Exploration`. Where it is a dict whose keys are names of the models,
        each takes its own, and a model that is not named takes the default; else all take the same.

    Raises
    ------
    TypeError, ValueError
        If there is no model, or a name is no text.

    Examples
    --------
    >>> import torch
    >>> nets = {"before": nn.Conv2d(3, 2, 3), "after": nn.Conv2d(3, 2, 3)}
    >>> models = Models(nets, torch.rand(1, 3, 8, 12))
    >>> models.names, models.explored("after").model is nets["after"]
    (('before', 'after'), True)
    """

    def __init__(
        self,
        given: Any,
        images: Any,
        *,
        cache_bytes: int = 128 * 2**20,
        graph_bytes: int = GRAPH_BYTES,
        **options: Any,
    ) -> None:
        self._given: Mapping[Any, Any] = {None: given}
        if isinstance(given, Mapping) and not isinstance(given, nn.Module):
            self._given = _checked(given)
        self.are_checkpoints = isinstance(given, Checkpoints)
        """Whether they are one model at several times of its training."""
        self._images = images
        self._options = options
        at_once = min(len(self._given), MOST_OPEN)
        self._limits: dict[str, Any] = {
            "cache_bytes": cache_bytes // at_once,
            "graph_bytes": graph_bytes // at_once,
        }
        self._open: OrderedDict[str | None, Exploration] = OrderedDict()
        # Two threads that ask for one model load it once.
        self._lock = threading.RLock()

    @property
    def names(self) -> tuple[str | None, ...]:
        """The models' names, in the order given; of a model without a name None."""
        return tuple(self._given)

    @property
    def first(self) -> str | None:
        """The model to look at first: of a training's checkpoints the last one."""
        return self.names[-1 if self.are_checkpoints else 0]

    def __len__(self) -> int:
        return len(self._given)

    def explored(self, name: str | None) -> Exploration:
        """The exploration of a model.

        Raises
        ------
        OSError, TypeError, ValueError
            If the model cannot be loaded, or an argument does not fit it; the message names it.
        """
        with self._lock:
            found = self._open.get(name)
            if found is None:
                found = self._open[name] = self._make(name)
            self._open.move_to_end(name)
            for older in list(self._open)[:-MOST_OPEN]:
                self._let_go(older)
            return found

    def opened(self) -> Iterator[tuple[str | None, Exploration]]:
        """The models that were looked at and are still at hand."""
        with self._lock:
            return iter(list(self._open.items()))

    def forget(self) -> None:
        """Let go of what is large and can be found again."""
        for _, exploration in self.opened():
            exploration.forget()

    def close(self) -> None:
        """Let go of everything found."""
        for _, exploration in self.opened():
            exploration.close()

    def _make(self, name: str | None) -> Exploration:
        options = {key: self._own(name, key, value) for key, value in self._options.items()}
        model = self._given[name]
        if isinstance(model, Checkpoint):
            model = model.load()
        try:
            return Exploration(model, self._images, **self._limits, **options)
        except (TypeError, ValueError) as error:
            if name is None or type(error) not in (TypeError, ValueError):
                raise
            raise type(error)(f"model {name!r}: {error}") from error

    def _own(self, name: str | None, option: str, value: Any) -> Any:
        """What an option is for one model."""
        if name is None or option not in _EACH_ITS_OWN or not isinstance(value, Mapping):
            return value
        if not value or not value.keys() <= self._given.keys():
            return value
        if option == "targets" and not all(isinstance(each, Mapping) for each in value.values()):
            # A target may be called as a model is.
            return value
        return value.get(name)

    def _let_go(self, name: str | None) -> None:
        """Another thread may be at work on it, so it is not closed."""
        if isinstance(self._given[name], Checkpoint):
            del self._open[name]
        else:
            self._open[name].forget()


def _checked(given: Mapping[Any, Any]) -> Mapping[str, Any]:
    if not given:
        raise ValueError(
            'there is no model in this dict; expected models by name: {"before": one, "after": another}'
        )
    for name in given:
        if not isinstance(name, str) or not name:
            raise TypeError(
                f"a model is named {name!r}; expected a text for each: "
                '{"before": one, "after": another}'
            )
    return given
