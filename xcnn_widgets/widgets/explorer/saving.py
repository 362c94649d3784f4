"""Views that outlive the kernel: computed ahead, on another thread, for a page or for quick answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, Protocol

from ...methods import method_named
from ...pages import Atlases, Plan, Plans, bytes_in_words
from ...study import MOST_OPEN, Choice, Models, Shown, layer_beside, matched_class
from ..checks import checked, listed
from ..worker import Job, Worker

# Of more pictures, only the one shown is computed ahead unless others are asked for.
_MOST_IMAGES = 12


class Screen(Protocol):
    """What the saving knows of the widget."""

    status: str
    progress: float | None
    shown: Shown | None

    def choice(self) -> Choice:
        """What is chosen."""

    def present_atlas(self, state: dict[str, Any]) -> None:
        """Give all views that were computed ahead to every page."""


class Saving:
    """Fills an atlas with views, and says how large it becomes.

    Parameters
    ----------
    screen
        The widget.
    models, worker
        Those that answer the widget's choices.
    atlases
        What is filled.
    """

    def __init__(self, screen: Screen, models: Models, worker: Worker, atlases: Atlases) -> None:
        self._screen = screen
        self._models = models
        self._worker = worker
        self._atlases = atlases

    def precompute(
        self,
        layers: Sequence[str] | None,
        targets: Sequence[int | str] | None,
        methods: Sequence[str] | None,
        images: Sequence[int] | None,
        classes: Literal["all"] | None = None,
        *,
        models: Sequence[str] | None = None,
    ) -> int:
        """As `ExplainerWidget.precompute`."""
        if classes not in (None, "all"):
            raise ValueError(
                f"classes is {classes!r}; expected 'all', or None for only those of `targets`"
            )
        if classes == "all" and len(self._models) > 1:
            raise ValueError(
                f"classes is 'all'; with {len(self._models)} models choose classes by `targets`"
            )
        plans = self._plans(layers, targets, methods, images, models)
        of_all = {
            name: replace(plan, every_class=classes == "all")
            for name, plan in plans.by_model.items()
        }
        self._carry_out(Plans(of_all))
        return self._atlases.bytes

    def precompute_unless_saved(self) -> None:
        """Compute the default views, unless there are some already.

        Raises
        ------
        RuntimeError
            If that was cancelled.
        """
        if not len(self._atlases) and not self._carry_out(self._plans()):
            raise RuntimeError("computing ahead was cancelled, so no page was written")

    def _plans(
        self,
        layers: Sequence[str] | None = None,
        targets: Sequence[int | str] | None = None,
        methods: Sequence[str] | None = None,
        images: Sequence[int] | None = None,
        models: Sequence[str] | None = None,
    ) -> Plans:
        """What is asked for, of each model; classes and layers are those of the model that is shown."""
        names = self._models.names
        chosen = names if models is None else checked("models", models, names)
        shown = self._shown
        if layers is None and len(chosen) > MOST_OPEN and shown.layer is not None:
            # Of many models every layer would be too much to wait for.
            layers = [shown.layer]
        plan = self._plan(layers, targets, methods, images)
        return Plans({name: self._of(name, plan) for name in chosen})

    def _plan(
        self,
        layers: Sequence[str] | None,
        targets: Sequence[int | str] | None,
        methods: Sequence[str] | None,
        images: Sequence[int] | None,
    ) -> Plan:
        """What is asked for, of the model that is shown."""
        shown = self._shown
        exploration = self._models.explored(shown.model)
        count, index = len(exploration.pictures), shown.image_index
        offered = [method.name for method in exploration.methods(index)]
        quick = [name for name in offered if not method_named(name).is_slow]
        known = exploration.layers(index)
        everything = list(range(count)) if count <= _MOST_IMAGES else [index]
        plan = Plan(
            everything if images is None else checked("images", images, range(count)),
            None
            if targets is None
            else [exploration.class_index(target, index) for target in listed("targets", targets)],
            quick if methods is None else checked("methods", methods, offered),
            list(known) if layers is None else checked("layers", layers, known),
            shown.patch,
            shown.stride,
            style=shown.painted,
        )
        # The plain gradient of the input brings those of all layers with it.
        plan.methods.sort(key=lambda name: name != "saliency")
        return plan

    def _of(self, name: str | None, plan: Plan) -> Plan:
        """A plan as another model takes it."""
        shown = self._shown
        if name == shown.model:
            return plan
        index, here = shown.image_index, self._models.explored(shown.model)
        there = self._models.explored(name)
        answers = there.answers_on(index)
        layers = [layer_beside(layer, here, there, index) for layer in plan.layers]
        if plan.layers == here.layers(index):
            layers = [*there.layers(index)]
        targets = plan.targets and [
            matched_class(target, here.answers, answers) for target in plan.targets
        ]
        allowed = [method.name for method in there.methods(index)]
        return replace(
            plan,
            targets=None if targets is None else _known(targets),
            methods=[method for method in plan.methods if method in allowed],
            layers=_known(layers),
            likely_elsewhere={},
        )

    def _carry_out(self, plans: Plans) -> bool:
        """Compute what is planned; whether that came to its end."""
        screen, atlas = self._screen, self._atlases
        like = self._shown.image_index
        most = bytes_in_words(plans.most_bytes(atlas, self._models, like))
        screen.progress = 0.0
        screen.status = f"Saving up to {plans.views} views, at most about {most} ..."
        left_out: list[str] = []
        job = self._worker.start(lambda job: self._fill(job, plans, left_out))
        try:
            self._worker.wait_or_stop(job)
        finally:
            done = not job.cancelled()
            screen.progress = None
            screen.present_atlas(atlas.state())
            views = "1 view" if len(atlas) == 1 else f"{len(atlas)} views"
            if atlas.every_class:
                views += f" and {atlas.every_class.in_words}"
            saved = f"{views} saved, {bytes_in_words(atlas.bytes)}"
            screen.status = " ".join([f"{'' if done else 'Cancelled; '}{saved}.", *left_out])
        return done

    def _fill(self, job: Job, plans: Plans, left_out: list[str]) -> None:
        for share in plans.fill(self._atlases, self._models, job.cancelled, left_out):
            if self._worker.is_latest(job):
                self._screen.progress = round(share, 2)

    @property
    def _shown(self) -> Choice:
        shown = self._screen.shown
        return self._screen.choice() if shown is None else shown.choice


def _known(found: Sequence[Any]) -> list[Any]:
    """Each of what was found, once."""
    return [each for each in dict.fromkeys(found) if each is not None]
