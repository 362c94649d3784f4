"""`explain_dataset`: what a gallery asks of fifty pictures, of as many as there are."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from os import PathLike
from typing import Any, Literal

import torch

from ..methods import OFFERED, Method, method_named
from ..metrics import ROW_METRICS
from ..network import Activation, OutputChoice, Reshape
from ..study import Exploration, Work
from .fingerprint import in_short, model_fingerprint
from .folder import Folder
from .keys import keys_of
from .question import MAP_TYPES, MapType, Question
from .results import Results

ENGINES = ("local",)


def explain_dataset(
    model: Any,
    images: Any,
    to: str | PathLike[str],
    *,
    methods: Sequence[str | Method] = ("grad_cam",),
    layer: str | None = None,
    target: int | str = "predicted",
    metrics: Sequence[str] = (),
    labels: Sequence[Any] | Mapping[Any, Any] | None = None,
    class_names: Sequence[str] | Mapping[int, str] | None = None,
    transform: Callable[[Any], Any] | None = None,
    engine: Literal["local"] = "local",
    batch_size: int | None = None,
    resume: bool = True,
    overwrite: bool = False,
    progress: bool | Callable[[int, int], None] = True,
    maps: MapType = "uint8",
    logits: bool = False,
    thumbnail: int = 160,
    workers: int | None = None,
    exact: bool = False,
    device: str | torch.device | None = None,
    activation: Activation | None = None,
    output: OutputChoice = None,
    reshape: Reshape | None = None,
    additional_forward_args: Any = None,
) -> Results:
    """Explain every picture of a data set, and write what is found into a folder.

    Processes read and transform pictures, batches go through the model, and a thread writes, so that memory stays
    the same for a thousand pictures and for a million. A picture that cannot be read or explained has a row that says
    why. When memory runs out, the batch is halved. What is done by then stays when it is stopped, whatever stops it; the
    same call goes on from there.

    Parameters
    ----------
    model
        As `ExplainerWidget` takes it.
    images
        As `ExplainerWidget` takes them; best a folder, a list of files or a torch ``Dataset``.
    to
        The folder of results; it is made. `Results` says what is in it.
    methods
        Names, or methods made of other libraries' code.
    layer
        The layer of methods that use one. Default: the one that a gallery shows first.
    target
        ``predicted``, ``label``, or a class by index or name.
    metrics
        What to measure of each map, as a gallery's ``metrics``: ``deletion``, ``road``, ... Each costs many forward
        passes a picture.
    labels, class_names, transform
        As `GalleryWidget` takes them.
    engine
        ``local``: this machine.
    batch_size
        How many pictures go through the model at once; None chooses by memory.
    resume
        Whether to go on in a folder that has results of the same question.
    overwrite
        Whether to remove the results that are there.
    progress
        Whether to show a bar with the rate and the time left; or what is told how many are done, and of how many.
    maps
        ``uint8``: each map in 255 steps between its own ends; ``float16``: as it is, to three digits.
    logits
        Whether to keep the model's scores of all classes.
    thumbnail
        The longer side of the small picture that is kept, in pixels.
    workers
        How many processes read; None takes one a processor, up to 8; 0 reads in this one, for a data set that
        bears no other.
    exact, device, activation, output, reshape, additional_forward_args
        As for `GalleryWidget`.

    Returns
    -------
    Results
        What is in the folder.

    Raises
    ------
    ValueError
        If an argument is none of those there are, or the folder has results of another question: the message tells
        what differs.
    FileExistsError
        If the folder has results, and `resume` is false.
    RuntimeError
        If another process writes into the folder.
    ImportError
        If pyarrow is not installed.
    """
    from .local import run_locally
    from .progress import told

    _check(engine, maps, thumbnail, metrics, workers)
    if isinstance(methods, str | Method):
        raise TypeError(f"methods is {methods!r}; expected a list: [{methods!r}]")
    exploration = Exploration(
        model,
        images,
        class_names,
        transform=transform,
        also=[each for each in methods if isinstance(each, Method)],
        device=device,
        activation=activation,
        output=output,
        reshape=reshape,
        additional_forward_args=additional_forward_args,
        exact=exact,
    )
    work = Work(exploration, labels, batch_size, exact=exact)
    index = work.open()
    question = _question(
        work,
        index,
        methods=methods,
        layer=layer,
        target=target,
        metrics=tuple(metrics),
        transform=in_short(transform),
        maps=maps,
        logits=logits,
        thumbnail=thumbnail,
    )
    folder = Folder(to)
    with folder.alone():
        _check_folder(folder, question, resume=resume, overwrite=overwrite)
        folder.begin(question, _made_by(), overwrite=overwrite)
        keys, known = keys_of(exploration.pictures), folder.keys()
        todo = [number for number, key in enumerate(keys) if key not in known]
        with told(progress, len(keys), len(keys) - len(todo)) as done:
            if todo:
                run_locally(
                    work, question, folder, todo, keys.__getitem__, workers=workers, done=done
                )
        folder.put_together()
    return Results(to)


def _question(
    work: Work,
    index: int,
    *,
    methods: Sequence[str | Method],
    layer: str | None,
    target: int | str,
    **said: Any,
) -> Question:
    """What is asked, with what is left open settled on a picture that the model takes."""
    exploration = work.exploration
    answers = exploration.answers_on(index)
    offered = {method.name: method for method in exploration.methods(index)}
    names = tuple(_offered(each, offered) for each in methods)
    needs_layer = any(method_named(name).uses_layer for name in names)
    if layer is not None and layer not in exploration.layers(index):
        exploration.offer(layer, index)
    if target == "predicted" and not answers.reading.has_winner:
        raise ValueError(
            "target is 'predicted', but this model's answers have no winner; choose a class by index or name, or 'label'"
        )
    if isinstance(target, bool) or not isinstance(target, int | str):
        raise TypeError(
            f"target is {target!r}; expected 'predicted', 'label', or a class by index or name"
        )
    named = target if target in ("predicted", "label") else answers.index(target)
    names_of_classes = tuple(answers.name(each) for each in range(answers.class_count))
    return Question(
        model=type(exploration.model).__qualname__,
        fingerprint=model_fingerprint(exploration.model),
        methods=names,
        layer=(layer or exploration.default_layer(index)) if needs_layer else None,
        target=named,
        activation=answers.reading.activation,
        said="probability" if answers.reading.gives_probabilities else "value",
        class_names=names_of_classes,
        has_winner=answers.reading.has_winner,
        **said,
    )


def _offered(method: str | Method, offered: Mapping[str, Method]) -> str:
    """The name of a method that the model allows."""
    named = method_named(method)
    if named.name not in offered and named.name in OFFERED:
        raise ValueError(
            f"methods holds {named.name!r}, which this model does not allow; it allows {', '.join(map(repr, offered))}"
        )
    return named.name


def _check(
    engine: str, maps: str, thumbnail: int, metrics: Sequence[str], workers: int | None
) -> None:
    if engine not in ENGINES:
        raise ValueError(f"engine is {engine!r}; expected one of {', '.join(map(repr, ENGINES))}")
    if maps not in MAP_TYPES:
        raise ValueError(f"maps is {maps!r}; expected one of {', '.join(map(repr, MAP_TYPES))}")
    if isinstance(thumbnail, bool) or not isinstance(thumbnail, int) or thumbnail < 16:
        raise ValueError(f"thumbnail is {thumbnail!r}; expected a number of pixels, 16 or more")
    if workers is not None and (isinstance(workers, bool) or workers < 0):
        raise ValueError(
            f"workers is {workers!r}; expected a number of processes, 0 or more, or None"
        )
    if isinstance(metrics, str):
        raise TypeError(f"metrics is {metrics!r}; expected a list: [{metrics!r}]")
    for metric in metrics:
        if metric not in ROW_METRICS:
            known = ", ".join(map(repr, ROW_METRICS))
            raise ValueError(f"metrics holds {metric!r}; there are {known}")


def _check_folder(folder: Folder, question: Question, *, resume: bool, overwrite: bool) -> None:
    if overwrite or not folder.has_results:
        return
    if not resume:
        raise FileExistsError(
            f"there are results in '{folder.path}'; resume=True goes on with them, overwrite=True removes them"
        )
    differences = folder.question().differences(question)
    if differences:
        raise ValueError(
            f"the results in '{folder.path}' answer another question:\n  "
            + "\n  ".join(differences)
            + "\nchoose another folder, ask the same, or overwrite=True removes them"
        )


def _made_by() -> dict[str, str]:
    """The versions of what computes the results."""
    return {
        "xcnn_widgets": version("xcnn-widgets"),
        "torch": torch.__version__,
        "torchvision": version("torchvision"),
        "python": platform.python_version(),
    }
