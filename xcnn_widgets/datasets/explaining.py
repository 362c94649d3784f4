"""`explain_dataset`: what a gallery asks of fifty pictures, of as many as there are."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from os import PathLike
from typing import Any

import torch

from ..methods import OFFERED, Method, method_named
from ..network import Activation, OutputChoice, Reshape
from ..study import Work
from .checking import Engine, check, check_folder
from .fingerprint import in_short, model_fingerprint
from .folder import Folder
from .keys import keys_of
from .question import MapType, Question
from .results import Results
from .setup import Setup


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
    engine: Engine = "local",
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
    ray_address: str | None = None,
    gpus_per_worker: float = 0.0,
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
        ``local``: this process, with others that read. ``ray``: workers of a Ray cluster, each with a copy of the
        model; needs ``xcnn-widgets[ray]``. They read the pictures themselves, by the same paths.
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
        bears no other. With ``ray``, how many workers read and explain; None takes as many as there is room for.
    exact, device, activation, output, reshape, additional_forward_args
        As for `GalleryWidget`.
    ray_address
        The cluster, as ``ray.init`` takes it. Default: the one that this process is connected to, or of the variable
        ``RAY_ADDRESS``, else one on this machine, which is started, and ended again.
    gpus_per_worker
        Which share of a GPU a worker has: with 0.25, four workers share one, and some read while others compute. Each has
        a processor of its own too. Without a share they compute on the processor.

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
        If pyarrow, or for ``ray`` Ray, is not installed.
    """
    from .distributed import run_on_ray
    from .local import run_locally
    from .progress import told

    check(
        engine=engine,
        maps=maps,
        thumbnail=thumbnail,
        metrics=metrics,
        workers=workers,
        ray_address=ray_address,
        gpus_per_worker=gpus_per_worker,
    )
    if isinstance(methods, str | Method):
        raise TypeError(f"methods is {methods!r}; expected a list: [{methods!r}]")
    setup = Setup(
        model,
        images,
        labels,
        batch_size,
        exact,
        {
            "class_names": class_names,
            "transform": transform,
            "also": [each for each in methods if isinstance(each, Method)],
            "activation": activation,
            "output": output,
            "reshape": reshape,
            "additional_forward_args": additional_forward_args,
        },
    )
    work = setup.work(device)
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
        check_folder(folder, question, resume=resume, overwrite=overwrite)
        folder.begin(question, _made_by(), overwrite=overwrite)
        keys, known = keys_of(work.exploration.pictures), folder.keys()
        todo = [number for number, key in enumerate(keys) if key not in known]
        with told(progress, len(keys), len(keys) - len(todo)) as done:
            if todo and engine == "ray":
                run_on_ray(
                    setup.with_pictures(work.exploration.pictures),
                    question,
                    folder,
                    todo,
                    keys.__getitem__,
                    opened=index,
                    address=ray_address,
                    workers=workers,
                    gpus_per_worker=gpus_per_worker,
                    done=done,
                )
            elif todo:
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


def _made_by() -> dict[str, str]:
    """The versions of what computes the results."""
    return {
        "xcnn_widgets": version("xcnn-widgets"),
        "torch": torch.__version__,
        "torchvision": version("torchvision"),
        "python": platform.python_version(),
    }
