"""Views that outlive the kernel: computed ahead, and written into a page of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from os import PathLike
from typing import Any

import numpy as np
import torch

from ...methods.explanation import Explanation
from ...methods.heatmaps import heatmaps
from ...methods.table import METHODS
from ...pages.atlas import Atlas, bytes_in_words, most_map_bytes
from ...study.choice import Choice
from ..checks import checked, listed
from ..live_view import in_words
from ..saved_page import SavedPage
from ..worker import Job
from .answering import ExplainerAnswers

# Of more pictures, only the one shown is computed ahead unless others are asked for.
_MOST_IMAGES = 12
_CLASSES = 5


@dataclass(frozen=True)
class _Plan:
    """What to compute ahead; `targets` None are the likeliest classes of each picture."""

    images: list[int]
    targets: list[Any] | None
    methods: list[str]
    layers: list[str]

    def views_of(self, method: str) -> Sequence[str | None]:
        return self.layers if METHODS[method].uses_layer else [None]

    @property
    def classes(self) -> int:
        return _CLASSES if self.targets is None else len(self.targets)

    @property
    def views(self) -> int:
        """How many views of one class."""
        return sum(len(self.views_of(method)) for method in self.methods)


class ExplainerSavedViews(SavedPage, ExplainerAnswers):
    """Computes views ahead, and writes them into a page that needs no kernel."""

    def __init__(self, **state: Any) -> None:
        self._saved = Atlas(self._exploration)
        super().__init__(**state)

    def precompute(
        self,
        layers: Sequence[str] | None = None,
        targets: Sequence[int | str] | None = None,
        methods: Sequence[str] | None = None,
        images: Sequence[int] | None = None,
    ) -> int:
        """Compute views ahead, for `to_html` and for quick answers.

        `status` says how large they will be at most, and what they became. With the Cancel button or an interrupt,
        what is done so far stays. A picture that cannot be read is left out and named in `status`.

        Parameters
        ----------
        layers
            Names of layers that are offered; by default all of them.
        targets
            Classes, by index or name; by default the top five of each picture.
        methods
            Names of methods that are offered; by default all that need no more than a backward pass. Occlusion is
            saved with the patch and the stride chosen now.
        images
            Indices of pictures; by default all up to 12, of more the one shown.

        Returns
        -------
        int
            The bytes of all views saved so far, with their pictures.

        Raises
        ------
        TypeError, ValueError
            If there is no such layer, class, method or picture.
        """
        self._compute_ahead(self._plan(layers, targets, methods, images))
        return self._saved.bytes

    def to_html(
        self, path: str | PathLike[str], title: str | None = None, precompute: bool = True
    ) -> None:
        """Write one HTML file that shows the widget, opens from disk, and needs neither kernel nor network.

        It answers every choice whose view was computed ahead; of another it says that it needs a kernel. A file that
        is there is replaced in one step.

        Parameters
        ----------
        path
            Where to write it.
        title
            What stands above the widget and in the browser's tab.
        precompute
            Whether to `precompute` the default views, unless some are there already.

        Raises
        ------
        OSError
            If the file cannot be written; one that was there stays as it was.
        RuntimeError
            If computing ahead was cancelled; nothing is written.
        """
        self.wait()
        if precompute:
            self._save_unless_saved()
        if self._shown is not None and self.explanation is not None:
            self._saved.add(self._shown, self.explanation)
        self._write_page(path, title)

    def _save_by_default(self) -> bool:
        return self._compute_ahead(self._plan(None, None, None, None))

    def wait(self, timeout: float | None = None) -> None:
        """Block until work on other threads is done."""
        self._worker.wait(timeout)

    def _answer(self, change: Any) -> None:
        """With a kernel too, what was computed ahead is not computed again."""
        choice = self._choice()
        known = self._exploration.found(choice) is not None
        saved = None if known or self._is_shown(choice) else self._saved.get(choice)
        if saved is None:
            super()._answer(change)
        else:
            self._stop_work()
            self._show_saved(choice, saved)

    def _show_saved(self, choice: Choice, saved: dict[str, Any]) -> None:
        """Put a view computed ahead on every page; its attribution is computed when somebody asks for it."""
        image = self._saved.image(choice.image_index)
        status, note = saved.pop("status"), saved.pop("note")
        grid = np.frombuffer(saved["data"], np.uint8).reshape(1, *saved["shape"])
        levels = torch.from_numpy(grid.astype(np.float32))
        heatmap = heatmaps(levels, tuple(saved["size"]))[0].numpy()
        with self.hold_sync():
            if self._picture is None or self._picture["index"] != choice.image_index:
                self._picture = image["picture"]
                self.predictions = image["predictions"]
            self._map = saved
            self._shown, self._explanation = choice, None
            self.heatmap = heatmap
            self.note = note
            self._sentence = self.status = status
            self.error = ""

    @property
    def explanation(self) -> Explanation | None:
        """The attribution shown, with what it explains; None before the first.

        Of a view that was computed ahead only grey levels are kept: its attribution is computed when it is asked for.
        """
        if self._explanation is None and self._shown is not None:
            self._explanation = self._exploration.explain(self._shown)
        return self._explanation

    def _free(self) -> None:
        self._leave_off()
        self._exploration.forget()
        self._explanation = None

    def _rest(self) -> None:
        if self.comm is not None:
            super()._rest()
            # A step that was under way has kept what it found.
            self._free()
            self._saved, self._atlas = Atlas(self._exploration), None

    def _page_state(self) -> dict[str, Any]:
        shown = {} if self._shown is None else {"status": self._sentence, "error": ""}
        return {**super()._page_state(), **shown, "_atlas": self._saved.state()}

    def _plan(
        self,
        layers: Sequence[str] | None,
        targets: Sequence[int | str] | None,
        methods: Sequence[str] | None,
        images: Sequence[int] | None,
    ) -> _Plan:
        shown = self.image_index if self._shown is None else self._shown.image_index
        count = len(self._exploration.pictures)
        offered = [method["name"] for method in self._methods]
        quick = [name for name in offered if not METHODS[name].is_slow]
        everything = list(range(count)) if count <= _MOST_IMAGES else [shown]
        known = [layer["name"] for layer in self._layers]
        plan = _Plan(
            everything if images is None else checked("images", images, range(count)),
            None if targets is None else listed("targets", targets),
            quick if methods is None else checked("methods", methods, offered),
            known if layers is None else checked("layers", layers, known),
        )
        for target in plan.targets or []:
            self._exploration.class_index(target, shown)
        # The plain gradient of the input brings those of all layers with it.
        plan.methods.sort(key=lambda name: name != "saliency")
        return plan

    def _compute_ahead(self, plan: _Plan) -> bool:
        """Carry a plan out on the worker; whether it came to its end."""
        count = plan.views * plan.classes * len(plan.images)
        most = bytes_in_words(self._most_bytes(plan))
        self.progress = 0.0
        self.status = f"Saving up to {count} views, at most about {most} ..."
        unreadable: list[str] = []
        job = self._worker.start(lambda job: self._save_views(job, plan, unreadable))
        try:
            self._wait_or_stop(job)
        finally:
            self.progress = None
            self._atlas = self._saved.state()
            views = "1 view" if len(self._saved) == 1 else f"{len(self._saved)} views"
            saved = f"{views} saved, {bytes_in_words(self._saved.bytes)}"
            done = not job.cancelled()
            self.status = " ".join([f"{'' if done else 'Cancelled; '}{saved}.", *unreadable])
        return done

    def _save_views(self, job: Job, plan: _Plan, unreadable: list[str]) -> None:
        for position, image in enumerate(plan.images):
            try:
                self._exploration.prepared(image)
            except (OSError, TypeError, ValueError) as error:
                unreadable.append(f"Left out: {in_words(error)}.")
                continue
            targets = self._targets(plan, image)
            for done, choice in enumerate(self._choices(plan, image, targets)):
                if job.cancelled():
                    return
                if not self._saved.holds(choice):
                    answer = self._exploration.explain(choice, None, job.cancelled)
                    self._saved.add(choice, answer)
                share = (done + 1) / max(1, plan.views * len(targets))
                if self._worker.is_latest(job):
                    self.progress = round((position + share) / len(plan.images), 2)

    def _targets(self, plan: _Plan, image: int) -> list[int]:
        if plan.targets is None:
            return [found.index for found in self._exploration.predictions(image, _CLASSES)]
        return [self._exploration.class_index(target, image) for target in plan.targets]

    def _choices(self, plan: _Plan, image: int, targets: list[int]) -> Iterator[Choice]:
        for target, method in product(targets, plan.methods):
            for layer in plan.views_of(method):
                yield Choice(image, method, layer, target, self.patch, self.stride)

    def _most_bytes(self, plan: _Plan) -> int:
        """The size of a plan if all pictures are as large as the one shown, and nothing can be made smaller."""
        assert self._picture is not None
        height, width = self._picture["size"]
        grids = {layer["name"]: (layer["shape"][1], layer["shape"][2]) for layer in self._layers}
        chosen = [grids[name] for name in plan.layers]
        maps = sum(most_map_bytes(name, chosen, (height, width)) for name in plan.methods)
        return len(plan.images) * (maps * plan.classes + len(self._picture["data"]))
