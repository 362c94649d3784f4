"""Which of several models is looked at, and which one stands beside it, as traits."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

import traitlets
from traitlets import TraitError

from ...study import (
    Choice,
    Comparison,
    Exploration,
    Models,
    Shown,
    in_words,
    layer_beside,
    layer_states,
    matched_class,
    method_states,
    offered_styles,
    reading_state,
)


class ModelChoice(traitlets.HasTraits):
    """The traits of an explorer of several models; of one alone they are empty."""

    models: Models
    """The models, and what was found out about each."""

    image_index: Any
    """Which picture is looked at."""

    _switching: Switching

    comparison: Comparison | None = None
    """What tells the two models apart that stand side by side: `difference`, `changes`, `changed_mind`,
    `common_range`. None where one stands alone."""

    model: Any = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    """The name of the model that is looked at; None of a model that has no name."""

    beside: Any = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    """The name of the model that stands beside it, with their common range and their difference; None for none."""

    _models = traitlets.Dict().tag(sync=True)
    """The names, and whether they are checkpoints of one training; empty of a model that has no name."""
    _beside: Any = traitlets.Instance(dict, allow_none=True).tag(sync=True)

    @property
    def exploration(self) -> Exploration:
        """The model that is looked at with its pictures, and everything that was found out about them."""
        return self.models.explored(self.model)

    def explored(self, choice: Choice) -> Exploration:
        """The model of a choice."""
        return self.models.explored(choice.model)

    def follow_models(
        self, held: Callable[[], AbstractContextManager[None]], parting: Callable[[], object]
    ) -> None:
        """Let the other choices fit the model from now on; parameters as of `Switching`."""
        self._switching = Switching(self, self.models, held, parting)  # type: ignore[arg-type]
        self.observe(self._switch, "model")

    def _switch(self, _: Any) -> None:
        self._switching.follow()

    @traitlets.validate("model")
    def _valid_model(self, proposal: Any) -> str | None:
        return _openable(self.models, "model", proposal.value, self.image_index)

    @traitlets.validate("beside")
    def _valid_beside(self, proposal: Any) -> str | None:
        name = proposal.value
        if name is None:
            return None
        _openable(self.models, "beside", name, self.image_index)
        if name == self.model:
            raise TraitError(
                f"beside = {name!r}: it is the model that is looked at; choose another one"
            )
        if self.models.explored(name).dimensions != 2 or self.exploration.dimensions != 2:
            raise TraitError(
                f"beside = {name!r}: only models of pictures stand side by side; set model= to see one after the other"
            )
        return str(name)


def _openable(models: Models, trait: str, name: str | None, index: int) -> str | None:
    """A name, if there is a model of that name that can be loaded and asked."""
    if name not in models.names:
        there = ", ".join(map(repr, models.names)) if models.first else "one model without a name"
        raise TraitError(f"{trait} = {name!r}: there is {there}")
    try:
        models.explored(name).methods(index)
    except Exception as error:
        raise TraitError(f"{trait} = {name!r}: {in_words(error)}") from error
    return name


def opening_model(models: Models, choices: dict[str, Any]) -> Exploration:
    """The exploration of the model to begin with, which is put among the choices."""
    name = choices.setdefault("model", models.first)
    if name == models.first:
        # What is wrong with it is raised as it is.
        return models.explored(name)
    return models.explored(_openable(models, "model", name, choices.get("image_index", 0)))


def models_state(models: Models, choices: dict[str, Any]) -> dict[str, Any]:
    """What the browser needs to offer several models; two that were given stand side by side at first."""
    if models.first is None:
        return {}
    kind = "checkpoints" if models.are_checkpoints else "models"
    state: dict[str, Any] = {
        "_models": {"names": list(models.names), "kind": kind},
    }
    if len(models) == 2 and not models.are_checkpoints:
        first = choices.get("model", models.first)
        other = next(name for name in models.names if name != first)
        if models.explored(first).dimensions == models.explored(other).dimensions == 2:
            state["beside"] = other
    return state


class Screen(Protocol):
    """What the switching knows of the widget."""

    shown: Shown | None
    model: Any
    pixel: Any
    rather_than: Any

    def choice(self) -> Choice:
        """What is chosen."""

    def hold_sync(self) -> AbstractContextManager[None]:
        """While open, nothing goes to the pages."""

    def set_trait(self, name: str, value: Any) -> None:
        """Set a trait, also one that only the widget sets."""


class Switching:
    """Lets the other choices fit another model.

    Parameters
    ----------
    screen
        The widget.
    models
        Those to choose from.
    held
        A context in which choices are set and nothing is answered.
    parting
        Called before another model is shown.
    """

    def __init__(
        self,
        screen: Screen,
        models: Models,
        held: Callable[[], AbstractContextManager[None]],
        parting: Callable[[], object],
    ) -> None:
        self._screen, self._models = screen, models
        self._held, self._parting = held, parting
        self._told_of = screen.model

    def follow(self) -> None:
        """Answer a change of ``model``: tell what there is to choose of it, and choose what was chosen."""
        screen, shown = self._screen, self._screen.shown
        if shown is None or screen.model == self._told_of:
            return
        with self._held(), screen.hold_sync():
            self._parting()
            # They ask something of the other model's own classes and pixels.
            screen.pixel = screen.rather_than = None
            self._told_of = screen.model
            for name, value in switched_state(self._models, screen.choice(), shown.choice).items():
                screen.set_trait(name, value)


def switched_state(models: Models, now: Choice, before: Choice) -> dict[str, Any]:
    """The choices as another model takes them, and what there is to choose of it.

    Parameters
    ----------
    now
        What is chosen, with the other model's name.
    before
        What is shown of the model before; a choice that has changed since is meant for the other model.
    """
    index = now.image_index
    here, there = models.explored(before.model), models.explored(now.model)
    answers, methods = there.answers_on(index), there.methods(index)
    layer, target = now.layer, now.target
    if layer == before.layer or layer not in there.layers(index):
        layer = layer_beside(before.layer, here, there, index)
    if target == before.target and target is not None:
        target = matched_class(target, here.answers_on(before.image_index), answers)
    if target is None and not answers.reading.has_winner:
        target = there.predictions(index, 1)[0].index
    names = [method.name for method in methods]
    return {
        "_methods": method_states(methods, offered_styles(there, index)),
        "_layers": layer_states(there.layer_shapes(index), there.model),
        "_class_names": answers.names(listed=True),
        "_reading": reading_state(answers.reading),
        "activation": answers.reading.activation,
        "method": now.method if now.method in names else names[0],
        "layer": layer,
        "target": target,
        "beside": before.model if now.beside == now.model else now.beside,
    }
