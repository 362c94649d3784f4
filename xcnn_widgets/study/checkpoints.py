"""One model at several times of its training, from the files that were saved then."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..imaging import natural_order

_SUFFIXES = (".pt", ".pth", ".bin", ".ckpt", ".tar")
# Where training loops keep the weights beside other things, and what wrappers put before their names.
_KEYS = ("state_dict", "model_state_dict", "model", "weights")
_WRAPPERS = ("module.", "_orig_mod.")
_MOST_NAMED = 3

Files = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


def checkpoints(model: Any, files: Files) -> Checkpoints:
    """Several states of one model, as `ExplainerWidget` and `GalleryWidget` take them: a slider over its training.

    A file is read when its state is first looked at (``torch.load(weights_only=True)``), into a copy of the model;
    the model itself is never changed. Of all states, the last four that were looked at are kept.

    Parameters
    ----------
    model
        A `torch.nn.Module`, or an object that holds one as ``.model``, with ``.class_names`` and ``.transform`` if
        it has them.
    files
        A folder, of which all ``.pt``, ``.pth``, ``.bin``, ``.ckpt`` and ``.tar`` files are taken in natural order
        (``epoch2`` before ``epoch10``); or a list of paths, in the order given. Each holds a ``state_dict``, alone
        or under ``state_dict``, ``model_state_dict``, ``model`` or ``weights``.

    Returns
    -------
    Checkpoints
        A mapping from the files' names, without their ending, to states that are not loaded yet.

    Raises
    ------
    FileNotFoundError
        If there is no such folder or file.
    TypeError
        If there is no module.
    ValueError
        If there is no file. When a state is looked at and its file does not fit the model, the message names the
        file and what does not match.

    Examples
    --------
    >>> import tempfile
    >>> net = nn.Sequential(nn.Conv2d(3, 2, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for epoch in (10, 2):
    ...         torch.save(net.state_dict(), f"{folder}/epoch{epoch}.pt")
    ...     print(list(checkpoints(net, folder)))
    ['epoch2', 'epoch10']
    """
    module = model if isinstance(model, nn.Module) else getattr(model, "model", None)
    if not isinstance(module, nn.Module):
        raise TypeError(
            f"model is a {type(model).__name__}; expected a torch.nn.Module, or an object that "
            "holds one as .model"
        )
    paths = _paths(files)
    names = [path.stem for path in paths]
    if len({*names}) < len(names):
        names = _told_apart(paths)
    return Checkpoints(
        {name: Checkpoint(path, model) for name, path in zip(names, paths, strict=True)}
    )


class Checkpoints(Mapping[str, "Checkpoint"]):
    """States of one model by name, none of which is loaded before it is looked at."""

    def __init__(self, states: Mapping[str, Checkpoint]) -> None:
        self._states = dict(states)

    def __getitem__(self, name: str) -> Checkpoint:
        return self._states[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._states)

    def __len__(self) -> int:
        return len(self._states)

    def __repr__(self) -> str:
        first, *others = self._states
        return f"Checkpoints({len(self)}: {first!r}{f' to {others[-1]!r}' if others else ''})"


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A state of a model that is not loaded.

    Attributes
    ----------
    path
        The file with its ``state_dict``.
    model
        The model, or what holds it; it is never changed.
    """

    path: Path
    model: Any

    def load(self) -> Any:
        """A copy of the model in this state; of what holds it, the same with the copy as ``.model``.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If it holds no ``state_dict``, or one of another model.
        """
        is_module = isinstance(self.model, nn.Module)
        module = copy.deepcopy(self.model if is_module else self.model.model)
        wanted = module.state_dict()
        state = _read(self.path)
        if not state.keys() & wanted.keys():
            state = {_bare(key): value for key, value in state.items()}
        _require_fit(self.path, state, wanted)
        module.load_state_dict(state)
        return module if is_module else _Holder(self.model, module)


class _Holder:
    """What held a model, with another one in its place."""

    def __init__(self, holder: Any, module: nn.Module) -> None:
        self._holder, self.model = holder, module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._holder, name)


def _paths(files: Files) -> list[Path]:
    if isinstance(files, str | os.PathLike):
        folder = Path(files)
        if not folder.exists():
            raise FileNotFoundError(
                f"there is no folder '{folder}', looked for in '{Path.cwd()}'; "
                "give a folder, or a list of files"
            )
        if folder.is_file():
            return [folder]
        found = [
            path
            for path in folder.iterdir()
            if path.suffix.lower() in _SUFFIXES and not path.name.startswith(".")
        ]
        if not found:
            raise ValueError(
                f"there is no checkpoint in the folder '{folder}'; looked for {', '.join(_SUFFIXES)}"
            )
        return sorted(found, key=lambda path: natural_order(path.name))
    paths = [Path(each) for each in files]
    if not paths:
        raise ValueError("there is no file in this list; give a folder, or one or more files")
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(f"there is no file '{path}', looked for in '{Path.cwd()}'")
    return paths


def _told_apart(paths: Sequence[Path]) -> list[str]:
    """Names of files of which several are called the same: with their folders; a file that is given twice, by number."""
    names: list[str] = []
    for path in paths:
        name = f"{path.parent.name}/{path.name}"
        times = sum(known.partition(" (")[0] == name for known in names)
        names.append(f"{name} ({times + 1})" if times else name)
    return names


def _read(path: Path) -> Mapping[str, Any]:
    """The ``state_dict`` that a file holds."""
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except Exception as error:
        raise ValueError(
            f"{path.name} cannot be read as a state_dict: {' '.join(str(error).split())[:200]}; "
            "save one with torch.save(model.state_dict(), path)"
        ) from error
    places = [found.get(key) for key in _KEYS] if isinstance(found, Mapping) else []
    state: Mapping[str, Any] | None = next(filter(_is_state, [*places, found]), None)
    if state is None:
        what = (
            f"a dict of {', '.join(map(repr, list(found)[:5])) or 'nothing'}"
            if isinstance(found, Mapping)
            else f"a {type(found).__name__}"
        )
        raise ValueError(
            f"{path.name} holds no state_dict but {what}; "
            "save one with torch.save(model.state_dict(), path)"
        )
    return state


def _is_state(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and len(value) > 0
        and all(isinstance(name, str) for name in value)
        and any(isinstance(each, Tensor) for each in value.values())
    )


def _bare(name: str) -> str:
    for wrapper in _WRAPPERS:
        name = name.removeprefix(wrapper)
    return name


def _require_fit(path: Path, state: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    missing = [f"it lacks {name}" for name in wanted if name not in state]
    strange = [f"the model has no {name}" for name in state if name not in wanted]
    other = [
        f"{name} is {_shape(state[name])} and in the model {_shape(value)}"
        for name, value in wanted.items()
        if name in state and _shape(state[name]) != _shape(value)
    ]
    faults = [*other, *missing, *strange]
    if faults:
        more = len(faults) - _MOST_NAMED
        listed = "; ".join(faults[:_MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
        raise ValueError(f"{path.name} does not fit the model: {listed}")


def _shape(value: Any) -> str:
    return str(tuple(value.shape)) if isinstance(value, Tensor) else type(value).__name__
