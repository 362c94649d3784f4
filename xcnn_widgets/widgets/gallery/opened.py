"""A gallery of results that were written: what it offers without their model, and with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, NoReturn

from ...datasets import STYLES_KEPT, WITHOUT_MODEL, Results, StoredSource, model_fingerprint
from ...imaging import Pictures
from ...methods import Method, known_methods, method_named
from ...study import method_states, styles_of
from ..checks import model_options
from ..live_view import refuse_unknown
from .asked import Asked
from .offer import Offer, asked_methods
from .view import CHOICES, LOOKS

_CACHE_BYTES = 128 * 2**20
_MOST_NAMES = 100_000


def opened(
    results: Results | str | PathLike[str], model: Any, images: Any, choices: dict[str, Any]
) -> tuple[Offer, Asked | StoredSource]:
    """What a gallery of results offers, and who answers: their model, or without it they alone.

    How the model is asked is taken from the choices.

    Raises
    ------
    FileNotFoundError
        If these are no results.
    ValueError
        If there is no row, or the model or the pictures are not those of the results.
    """
    results = results if isinstance(results, Results) else Results(results)
    options = model_options(choices)
    refuse_unknown(choices, (*CHOICES, *LOOKS))
    stored = StoredSource(results)
    if not stored.count:
        raise ValueError(f"there is no row in '{results.path}' yet: the run wrote none")
    methods = [_method(name) for name in results.question.methods]
    if "methods" in choices:
        asked_for = asked_methods(choices["methods"])
        choices["methods"] = [method.name for method in asked_for]
        methods += [each for each in asked_for if each not in methods and model is not None]
    if model is None:
        if images is not None or options:
            given = ["images"] if images is not None else [*options]
            raise ValueError(f"{', '.join(given)} given without a model; {WITHOUT_MODEL}")
        return _offer_of(stored, methods), stored
    asked = _asked(stored, model, images, options, methods)
    offer = Offer.of(asked.work, asked.index, methods)
    stored.ask(asked.work, asked.index)
    drawn = {**offer.drawn, "_groups": stored.groups}
    layer = _layer(offer, results)
    return replace(offer, source=stored, first_layer=layer, drawn=drawn), asked


def _offer_of(stored: StoredSource, methods: list[Method]) -> Offer:
    """What can be shown without the model."""
    question = stored.results.question
    styles = {
        each.name: [style for style in styles_of(each.name, 2, None) if style in STYLES_KEPT]
        for each in methods
    }
    layers = {} if question.layer is None else {question.layer: stored.map_shape(_layered(methods))}
    drawn = {
        "_methods": method_states(methods, styles),
        "_layers": [{"name": name, "shape": list(shape)} for name, shape in layers.items()],
        "_metrics_offered": list(question.metrics),
        "_asks_no_model": True,
        "_groups": stored.groups,
    }
    return Offer(stored, methods, methods, layers, question.layer, stored.has_labels, drawn)


def _asked(
    stored: StoredSource, model: Any, images: Any, options: dict[str, Any], methods: list[Method]
) -> Asked:
    question = stored.results.question
    if images is None:
        images = _sources(stored)
        first = Path(images[stored.first_index])
        if not first.is_file():
            raise ValueError(
                f"the results name {str(first)!r}, which is no file here; give the pictures that were "
                "explained, in their order: images=..."
            )
    count = len(Pictures(images))
    if count < stored.count:
        raise ValueError(f"images has {count} pictures, and the results are of {stored.count}")
    names, _ = stored.class_names()
    asked = Asked.of(
        model,
        images,
        names or None,
        {"activation": question.activation, **options},
        methods=methods,
        labels=_Labels(stored, count),
        cache_bytes=_CACHE_BYTES,
        image_index=stored.first_index,
    )
    if model_fingerprint(asked.work.exploration.model) != question.fingerprint:
        raise ValueError(
            f"model is a {type(asked.work.exploration.model).__qualname__} with other weights than the "
            f"{question.model} of the results; give the one that was explained, or none"
        )
    if question.layer is not None and question.layer not in asked.work.exploration.layers(
        asked.index
    ):
        asked.work.exploration.offer(question.layer, asked.index)
    return asked


def _layer(offer: Offer, results: Results) -> str | None:
    layer = results.question.layer
    return offer.first_layer if layer is None else layer


def _layered(methods: Sequence[Method]) -> str:
    return next(each.name for each in methods if each.uses_layer)


def _method(name: str) -> Method:
    """A method by its name; one of another library's that is not made here has its maps all the same."""
    if name in known_methods():
        return method_named(name)

    def compute(*_: Any, **__: Any) -> NoReturn:
        raise RuntimeError(
            f"{name!r} is another library's method, which is not made here: make it again with xw.method or from_..."
        )

    sentence = "Another library's method; its maps were written down."
    return method_named(Method(name, name, "cam", compute, sentence))


class _ByIndex(Sequence[Any]):
    """Something of each row, looked up by the picture's index when it is asked for."""

    def __init__(self, stored: StoredSource, count: int | None = None) -> None:
        self._stored = stored
        self._count = stored.count if count is None else count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError


def _sources(stored: StoredSource) -> Sequence[str]:
    """The files of the pictures; so few that a list of them is no burden are called by their names in an explorer too."""
    is_whole = len(stored.results) == stored.count
    return stored.sources() if is_whole and stored.count <= _MOST_NAMES else _Sources(stored)


class _Sources(_ByIndex):
    """The files of the pictures."""

    def __getitem__(self, index: Any) -> Any:
        try:
            return self._stored.told(index, "source")["source"]
        except KeyError as error:
            raise FileNotFoundError(
                f"picture {index} has no row in the results: the run that wrote them was stopped before"
            ) from error


class _Labels(_ByIndex):
    """The labels of the pictures."""

    def __getitem__(self, index: Any) -> Any:
        told = self._stored.told(index, "label", "label_index")
        return told["label"] if told["label_index"] is None else told["label_index"]
