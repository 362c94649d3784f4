"""`python -m xcnn_widgets explain --model package.module:make_model --images FOLDER --to RESULTS`."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .checking import ENGINES
from .explaining import explain_dataset
from .question import MAP_TYPES

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_ABOUT = """\
Explain every picture of a folder, and write what is found into another folder, as Parquet files.

The same command goes on where it was stopped: by Ctrl-C, by an error, or by a power cut.
"""
_EXAMPLES = """\
examples:
  python -m xcnn_widgets explain --model torchvision.models:resnet18 --images photos --to results
      asks for Grad-CAM of the predicted class; resnet18() as it stands has no trained weights
  python -m xcnn_widgets explain --model mine.nets:load --images photos --to results \\
      --methods grad_cam guided_grad_cam --metrics deletion --class-names classes.txt
      calls load() in mine/nets.py, looked for from this folder on
  python -m xcnn_widgets explain --model mine.nets:load --images photos --to results \\
      --engine ray --gpus 0.25
      four workers on each GPU of this machine, or of the cluster in RAY_ADDRESS

Read the results with xcnn_widgets.Results, or results/part-*.parquet with pandas, polars or duckdb.
"""


def explain(asked: argparse.Namespace) -> int:
    """Carry out what `add_explain` took.

    Returns
    -------
    int
        0 if all pictures have their rows; 1 if something is wrong with what was asked, told on standard error;
        130 if it was interrupted: the same command goes on.
    """
    try:
        transform = None if asked.transform is None else _named(asked.transform, "--transform")
        results = explain_dataset(
            _called(asked.model),
            asked.images,
            asked.to,
            methods=asked.methods,
            layer=asked.layer,
            target=int(asked.target) if asked.target.isdecimal() else asked.target,
            metrics=asked.metrics,
            class_names=_lines(asked.class_names),
            transform=transform,
            engine=asked.engine,
            batch_size=asked.batch_size,
            resume=not asked.no_resume,
            overwrite=asked.overwrite,
            progress=not asked.quiet,
            maps=asked.maps,
            logits=asked.logits,
            workers=asked.workers,
            device=asked.device,
            ray_address=asked.ray_address,
            gpus_per_worker=asked.gpus,
        )
    except KeyboardInterrupt:
        print(f"stopped; the same command goes on with '{asked.to}'", file=sys.stderr)
        return 130
    except (ImportError, AttributeError, OSError, RuntimeError, TypeError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    failed = results.errors()
    for key, why in list(failed.items())[:_TOLD]:
        print(f"note: {key}: {why}", file=sys.stderr)
    if len(failed) > _TOLD:
        print(f"note: {len(failed) - _TOLD} more have an error in their rows", file=sys.stderr)
    print(f"{asked.to}: {len(results)} pictures, {len(failed)} with an error")
    return 0


# More failures than these nobody reads on a screen; each has its row.
_TOLD = 10


def add_explain(commands: Commands) -> None:
    """Let a command line take ``explain --model ... --images ... --to ...``."""
    parser = commands.add_parser(
        "explain",
        help="explain every picture of a folder, and write the results into another",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--model",
        required=True,
        metavar="MODULE:NAME",
        help="a model, or what returns one when it is called with nothing",
    )
    parser.add_argument("--images", required=True, type=Path, metavar="FOLDER", help="the pictures")
    parser.add_argument("--to", required=True, type=Path, metavar="RESULTS", help="the results")
    parser.add_argument("--methods", nargs="+", default=["grad_cam"], metavar="METHOD")
    parser.add_argument(
        "--layer", metavar="NAME", help="default: the one that a gallery shows first"
    )
    parser.add_argument(
        "--target",
        default="predicted",
        metavar="CLASS",
        help="'predicted', 'label' (the subfolder's name), or a class by index or name (default: predicted)",
    )
    parser.add_argument("--metrics", nargs="+", default=[], metavar="METRIC")
    parser.add_argument(
        "--class-names", type=Path, metavar="FILE", help="the names of the classes, a line each"
    )
    parser.add_argument(
        "--transform", metavar="MODULE:NAME", help="from a picture to a tensor (C, H, W)"
    )
    parser.add_argument("--maps", choices=MAP_TYPES, default="uint8", help="how maps are kept")
    parser.add_argument("--logits", action="store_true", help="keep the scores of all classes")
    parser.add_argument("--batch-size", type=int, metavar="N", help="default: by memory")
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="processes that read pictures; of Ray, that read and explain",
    )
    parser.add_argument(
        "--engine",
        choices=ENGINES,
        default="local",
        help="local: this process; ray: a cluster, which needs xcnn-widgets[ray] (default: local)",
    )
    parser.add_argument(
        "--ray-address",
        metavar="ADDRESS",
        help="of a running cluster; default: that of RAY_ADDRESS, or one on this machine for as long as it takes",
    )
    parser.add_argument(
        "--gpus",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="which share of a GPU each worker of Ray has (default: 0, none)",
    )
    parser.add_argument(
        "--device", metavar="DEVICE", help="such as cuda; default: where the model is"
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--no-resume", action="store_true", help="refuse a folder that has results")
    how.add_argument("--overwrite", action="store_true", help="remove the results that are there")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.set_defaults(carry_out=explain)


def _named(text: str, option: str) -> Any:
    """What ``package.module:name`` stands for; modules are looked for from the current folder on.

    Raises
    ------
    ValueError
        If the text is no such name.
    ImportError, AttributeError
        If there is no such module, or nothing of that name in it.
    """
    module, _, name = text.partition(":")
    if not module or not name:
        raise ValueError(
            f"{option} is {text!r}; expected MODULE:NAME, such as torchvision.models:resnet18"
        )
    if "" not in sys.path:
        sys.path.insert(0, "")
    found: Any = import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def _called(text: str) -> Any:
    """The model of a name: it itself, or what is returned by a call of it."""
    import torch

    found = _named(text, "--model")
    is_model = isinstance(found, torch.nn.Module) or not callable(found)
    return found if is_model else found()


def _lines(file: Path | None) -> list[str] | None:
    return None if file is None else file.read_text(encoding="utf-8").splitlines()
