"""Methods made of classes of Captum, zennit and torchcam, each of them only imported by who uses it."""

from __future__ import annotations

import inspect
from typing import Any

from torch import Tensor, nn

from .adapters import method, parameters_of
from .method import Method
from .table import METHODS


def from_captum(kind: Any, *, name: str = "", label: str = "", **options: Any) -> Method:
    """Make a method of a class of Captum, such as ``captum.attr.DeepLift``.

    Parameters
    ----------
    kind
        A class whose instances have ``attribute``; one that takes a layer gets the layer chosen.
    name, label
        By default made of the class's name: ``deep_lift``, "DeepLift (Captum)".
    **options
        Keyword arguments of its constructor and of ``attribute``, each given to the one that takes it. A callable for
        ``baselines`` or ``feature_mask`` is called with the inputs.

    Raises
    ------
    TypeError
        If it is no such class, or neither of the two takes an option.

    Examples
    --------
    >>> import captum.attr
    >>> deep_lift = from_captum(captum.attr.DeepLift)
    >>> deep_lift.name, deep_lift.label, deep_lift.family
    ('deep_lift', 'DeepLift (Captum)', 'gradient')
    """
    if not (inspect.isclass(kind) and hasattr(kind, "attribute")):
        raise TypeError(f"{kind!r} has no `attribute`; expected a class of captum.attr")
    make: Any = kind
    makes, asks = parameters_of(kind), parameters_of(kind.attribute)
    unknown = [option for option in options if option not in makes and option not in asks]
    if unknown:
        raise TypeError(
            f"Captum's {kind.__name__} has no option {unknown[0]!r}; it takes "
            f"{', '.join(sorted({*makes, *asks} - {'self', 'forward_func', 'model', 'inputs', 'target'}))}"
        )
    takes_layer = "layer" in makes
    making = {key: value for key, value in options.items() if key in makes}
    asking = {key: value for key, value in options.items() if key not in makes}

    def attribution(model: nn.Module, inputs: Tensor, target: Tensor, layer: str | None) -> Tensor:
        given = {
            key: value(inputs)
            if key in ("baselines", "feature_mask") and callable(value)
            else value
            for key, value in asking.items()
        }
        where = (model.get_submodule(layer or ""),) if takes_layer else ()
        found: Any = make(model, *where, **making).attribute(inputs, target=target, **given)
        while isinstance(found, tuple):
            found = found[0]
        values: Tensor = found
        return values

    return method(
        name or _name(kind, "captum"),
        label or f"{kind.__name__} (Captum)",
        attribution,
        "cam" if takes_layer and "Guided" not in kind.__name__ else "gradient",
        uses_layer=takes_layer,
        is_signed=True,
        library="Captum",
    )


def from_zennit(
    composite: Any, *, name: str = "", label: str = "", attributor: Any = None
) -> Method:
    """Make a method of a composite of zennit: layer-wise relevance propagation and its kin.

    Parameters
    ----------
    composite
        A class of `zennit.composites` such as ``EpsilonPlusFlat``, or a callable without arguments that makes one,
        as ``lambda: EpsilonPlusFlat(canonizers=[SequentialMergeBatchNorm()])``.
    name, label
        By default made of the class's name.
    attributor
        A class of `zennit.attribution`, by default ``Gradient``.

    Raises
    ------
    TypeError
        If the composite is an instance: it keeps hooks, so each answer needs one of its own.
    """
    if not callable(composite):
        raise TypeError(
            f"composite is a {type(composite).__name__}; expected a class of zennit.composites, or "
            "a callable that makes one: `lambda: EpsilonPlusFlat(...)`"
        )
    named = getattr(composite, "__name__", "")
    known = named if named.isidentifier() else "lrp"

    def attribution(model: nn.Module, inputs: Tensor, target: Tensor, _layer: str | None) -> Tensor:
        from zennit.attribution import Gradient

        kind = Gradient if attributor is None else attributor
        with kind(model=model, composite=composite()) as asked:
            output, relevance = asked(inputs, lambda out: _one_hot(target, out))
        del output
        found: Tensor = relevance
        return found

    return method(
        name or _snake(known),
        label or f"{known} (zennit)",
        attribution,
        "gradient",
        is_signed=True,
        library="zennit",
    )


def from_torchcam(kind: Any, *, name: str = "", label: str = "", **options: Any) -> Method:
    """Make a method of a class of torchcam, such as ``torchcam.methods.ScoreCAM``.

    Parameters
    ----------
    kind
        A class of `torchcam.methods`; it gets the layer chosen.
    name, label
        By default made of the class's name.
    **options
        Keyword arguments of its constructor.

    Raises
    ------
    TypeError
        If it is no such class, or takes no such option.
    """
    if not (inspect.isclass(kind) and hasattr(kind, "compute_cams")):
        raise TypeError(f"{kind!r} has no `compute_cams`; expected a class of torchcam.methods")

    make: Any = kind

    def attribution(model: nn.Module, inputs: Tensor, target: Tensor, layer: str | None) -> Tensor:
        extractor = make(model, target_layer=layer, input_shape=inputs.shape[1:], **options)
        try:
            scores = model(inputs)
            maps: list[Tensor] = extractor(target.tolist(), scores, normalized=False)
        finally:
            extractor.remove_hooks()
        return maps[0]

    return method(
        name or _name(kind, "torchcam"),
        label or f"{kind.__name__} (torchcam)",
        attribution,
        "cam",
        library="torchcam",
    )


def _one_hot(target: Tensor, output: Tensor) -> Tensor:
    return nn.functional.one_hot(target, output.shape[1]).to(output)


def _snake(name: str) -> str:
    """``DeepLift`` as ``deep_lift``."""
    cut = [
        "_" * bool(position and letter.isupper() and not name[position - 1].isupper()) + letter
        for position, letter in enumerate(name)
    ]
    return "".join(cut).lower()


def _name(kind: type, library: str) -> str:
    """A class's name as code writes it, with the library's in front where it is that of one of ours."""
    name = _snake(kind.__name__)
    return name if name not in METHODS else f"{library}_{name}"
