"""The layers of a model that can be explained, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal
from weakref import WeakKeyDictionary, ref

from torch import Tensor, nn

from .calls import Call
from .grids import verify
from .parts import ModelParts
from .running import model_lock
from .stages import choose_stages
from .subject import Subject
from .survey import Calls, calls_of
from .targets import Target


def target_layers(
    model: nn.Module,
    inputs: Tensor | tuple[Tensor, ...],
    which: Literal["offered", "all"] = "offered",
    *,
    target: Target = None,
    **call: Any,
) -> list[str]:
    """Name the layers that Grad-CAM and its relatives can explain, as the forward pass runs them.

    They lie between the input and what is explained, and their outputs lie over the input place by
    place. That follows from the graph of one recorded run of the model (kept for the next question);
    where a layer rearranges numbers, as a transformer does, the model is run a few times more to see
    whether a change of one place of the input shows at that place.

    Parameters
    ----------
    model
        Any `torch.nn.Module` that takes ``(B, C, H, W)``, ``(B, C, L)`` or ``(B, C, D, H, W)``.
    inputs
        A batch, preprocessed.
    which
        ``offered`` for those worth choosing between: the ends of the stages of the network, between
        which it pools or changes its blocks. ``all`` for every module whose output has a grid of
        more than one cell.
    target
        What is explained, if it is a callable from the model's output; else the class scores.
    **call
        `additional_forward_args`, `of` and `output`, as `explain` takes them.

    Returns
    -------
    list of str
        Names as in ``model.named_modules()``; of a layer that runs several times on the input,
        ``name:0``, ``name:1`` for its calls. Empty if no layer has a grid.

    Examples
    --------
    >>> import torch, torchvision
    >>> model = torchvision.models.resnet18()
    >>> target_layers(model, torch.rand(1, 3, 64, 96))
    ['relu', 'layer1', 'layer2', 'layer3', 'layer4']
    """
    if which not in ("offered", "all"):
        raise ValueError(f"which is {which!r}; expected 'offered' or 'all'")
    layers = layers_of(Subject.of(model, inputs, **call), target)
    return list(layers.offered) if which == "offered" else list(layers.spatial)


def default_layer(
    model: nn.Module, inputs: Tensor | tuple[Tensor, ...], *, target: Target = None, **call: Any
) -> str:
    """Name the layer to explain first: the last one offered, which is the last before the pooling.

    Parameters as of `target_layers`.

    Raises
    ------
    ValueError
        If the model has no layer with a grid.
    """
    subject = Subject.of(model, inputs, **call)
    return layers_of(subject, target).first()


def layer_shapes(
    model: nn.Module,
    inputs: Tensor | tuple[Tensor, ...],
    layers: Sequence[str],
    *,
    target: Target = None,
    **call: Any,
) -> dict[str, tuple[int, ...]]:
    """The shape ``(C, h, w)`` of the maps of each of the given layers; parameters as of `target_layers`."""
    found = layers_of(Subject.of(model, inputs, **call), target)
    shapes = {}
    for name in layers:
        meant = found.call(name)
        layout = meant.layout
        if layout is None or not meant.on_path:
            raise found.no_maps(name)
        shapes[name] = (layout.channels, *layout.grid)
    return shapes


class Layers:
    """The layers of a model, found once for a shape of input.

    Attributes
    ----------
    spatial
        Every call whose output has a grid, by its name, in the order in which they ended.
    offered
        The names of those worth choosing between.
    cut, reaches_input, columns, ends_in
        As of `Calls`.
    """

    def __init__(self, subject: Subject, inputs: Tensor, target: Target) -> None:
        found = calls_of(subject, inputs, target)
        verify(subject, inputs, (c for c in found.all if c.layouts and not c.is_evident))
        self._model, self._shape = ref(subject.model), tuple(inputs.shape)
        self.cut, self.columns, self.ends_in = found.cut, found.columns, found.ends_in
        self.reaches_input = found.reaches_input
        self._hidden, self._kind = subject.hidden_relus, type(subject.given).__name__
        self._times = _calls_by_name(found)
        self._calls = {name: call for times in self._times.values() for name, call in times.items()}
        names = {call: name for name, call in self._calls.items()}
        ordered = [call for call in found.all if call in names and call.name]
        self.spatial = {names[c]: c for c in ordered if c.grid and c.on_path and c.reads_grid}
        root = found.all[-1] if found.all else None
        stages = found.worth_choosing([] if root is None or root.name else choose_stages(root))
        self.offered = tuple(names[call] for call in stages if names.get(call) in self.spatial)
        self.reads_tokens = any(layout.prefix for c in found.all for layout in c.layouts)

    def first(self) -> str:
        """The layer to explain first.

        Raises
        ------
        ValueError
            If there is none.
        """
        if self.offered:
            return self.offered[-1]
        why = f", because {self._hidden}, which hides them" if self._hidden else ""
        if not why and self.cut is not None:
            why = f": no gradient comes back behind its module {self.cut!r}"
        raise ValueError(
            f"{self._kind} has no layer with a grid (h, w), which Grad-CAM needs{why}; use "
            "'saliency', 'guided_backprop', 'deconvnet' or 'occlusion', or name a layer and tell with "
            "reshape= how its output lies over the input"
        )

    def call(self, name: str) -> Call:
        """The call that a name means.

        Raises
        ------
        TypeError
            If the name is no string.
        ValueError
            If there is no such layer, it did not run, or several of its calls could be meant.
        """
        if name in self._calls:
            return self._calls[name]
        plain = name.rpartition(":")[0] or name if isinstance(name, str) else name
        model = self._model()
        assert model is not None
        module_named(model, plain)
        times = self._times.get(plain, {})
        if len(times) > 1:
            raise ValueError(
                f"layer {plain!r} runs {len(times)} times on the input; choose one of its calls: "
                f"{', '.join(map(repr, times))}"
            )
        raise ValueError(
            f"layer {name!r} returned no tensor in this forward pass, so there is nothing to "
            f"explain; {self.what_to_choose()}"
        )

    def no_maps(self, name: str) -> ValueError:
        """The error about a layer that cannot be explained."""
        call = self._calls[name]
        if not call.on_path:
            return ValueError(
                f"layer {name!r} does not lie between the input and what is explained: no gradient "
                f"comes back to it; {self.what_to_choose()}"
            )
        return ValueError(
            f"layer {name!r} returns {call.shape} for inputs of {self._shape}: no maps (B, C, h, w), "
            "and no tokens that fill the picture's grid, or a change of one place of the input does "
            f"not show at that place; {self.what_to_choose()}, or tell with reshape= how its output "
            "lies over the input"
        )

    def what_to_choose(self) -> str:
        """The end of an error's sentence about a layer that cannot be explained."""
        if self.offered:
            return f"choose one of {', '.join(map(repr, self.offered))}"
        return (
            "the model has no layer with a grid: only saliency, guided_backprop, deconvnet and "
            "occlusion apply"
        )


def layers_of(subject: Subject, target: Target = None) -> Layers:
    """The layers of a model, found when they are first asked for."""
    model, parts = subject.model, subject.parts
    shape = tuple(subject.inputs.shape[1:])
    asked = (target if callable(target) else None, subject.output)
    # What is remembered of a model must not keep it alive, as a target that speaks of it would.
    question = (shape, subject.place, *(ref(a) if callable(a) else a for a in asked))
    modules = tuple(map(ref, parts.modules))
    with model_lock(model):
        known = _known.setdefault(model, {})
        found = known.get(question)
        if found is None or not found.holds_for(modules, parts):
            # Questions are equal no longer when what one of them points to is gone: none is looked up twice.
            known.pop(question, None)
            if len(known) >= _QUESTIONS:
                known.clear()
            layers = _found(subject, target)
            # Which tokens are read hangs on the weights.
            version = parts.weights_version if layers.reads_tokens else None
            known[question] = found = _Known(modules, layers, version)
        return found.layers


def _found(subject: Subject, target: Target) -> Layers:
    """Found on one sample, which takes least; on the whole batch where the model needs that."""
    if len(subject.inputs) > 1:
        try:
            return Layers(subject, subject.inputs[:1], target)
        except Exception:
            return Layers(subject, subject.inputs, target)
    return Layers(subject, subject.inputs, target)


@dataclass(frozen=True, eq=False)
class _Known:
    """What was found out about a model, as long as it has the same modules."""

    modules: tuple[ref[nn.Module], ...]
    layers: Layers
    weights_version: int | None

    def holds_for(self, modules: tuple[ref[nn.Module], ...], parts: ModelParts) -> bool:
        same_weights = self.weights_version in (None, parts.weights_version)
        return self.modules == modules and same_weights


# How many questions about one model are remembered.
_QUESTIONS = 8
_known: WeakKeyDictionary[nn.Module, dict[tuple[Any, ...], _Known]] = WeakKeyDictionary()


def _calls_by_name(found: Calls) -> dict[str, dict[str, Call]]:
    """Of each module its calls by name: of several, those that depend on the input."""
    calls: dict[str, list[Call]] = {}
    for call in found.all:
        calls.setdefault(call.name, []).append(call)
    named: dict[str, dict[str, Call]] = {}
    for name, times in calls.items():
        meant = [call for call in times if call.depends] or times
        one = len(meant) == 1
        named[name] = {name if one else f"{name}:{call.number}": call for call in meant}
    return named


def module_named(model: nn.Module, name: Any) -> nn.Module:
    """The module of a name.

    Raises
    ------
    TypeError, ValueError
        If `name` is no string, or the model has no module of that name.
    """
    if not isinstance(name, str):
        raise TypeError(
            f"layer {name!r} is a {type(name).__name__}; expected a name from model.named_modules()"
        )
    try:
        return model.get_submodule(name)
    except AttributeError:
        names = [known for known, _ in model.named_modules() if known]
        first = ", ".join(map(repr, _closest(name, names)))
        rest = (
            f" (and {len(names) - 4} more: target_layers(model, inputs, which='all'))"
            if len(names) > 4
            else ""
        )
        raise ValueError(f"no layer {name!r}; the model has {first}{rest}") from None


def _closest(name: str, names: Sequence[str]) -> list[str]:
    top = [known for known in names if "." not in known]
    return (get_close_matches(name, names, n=4) + top)[:4]
