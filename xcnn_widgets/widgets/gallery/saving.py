"""Maps that outlive the kernel: computed ahead, on another thread, for a page or for rows that come at once."""

from __future__ import annotations

from collections.abc import Sequence

from ...metrics import ROW_METRICS
from ...pages import GalleryAtlas, GalleryPlan, bytes_in_words, keep_numbers
from ...study import Target, asked_of, counted, measure, unmeasured
from ..checks import checked, listed
from ..worker import Job, Worker
from .asked import Asked
from .carrying import carried_out
from .filing import Filing
from .offer import Offer
from .view import GalleryView

# Of more pictures, those on the page shown are computed ahead unless others are asked for.
_MOST_IMAGES = 50
# Of more pictures, the layer chosen is computed ahead unless others are asked for.
_MOST_IN_ALL_LAYERS = 12
_KINDS = ("predicted", "label", "likeliest")


class Saving:
    """Fills an atlas with maps, and says how large it becomes.

    Parameters
    ----------
    screen
        The widget.
    offer
        What there is to choose from.
    asked
        The model with its pictures.
    worker
        Where the widget's pages are filled.
    atlas
        Where the maps go.
    filing
        Knows which pictures a word stands for.
    """

    def __init__(
        self,
        screen: GalleryView,
        offer: Offer,
        asked: Asked,
        *,
        worker: Worker,
        atlas: GalleryAtlas,
        filing: Filing,
    ) -> None:
        self._screen = screen
        self._offer = offer
        self._asked = asked
        self._worker = worker
        self._atlas = atlas
        self._filing = filing

    def precompute(
        self,
        layers: Sequence[str] | None,
        targets: Sequence[int | str] | None,
        methods: Sequence[str] | None,
        images: Sequence[int] | str | None,
        *,
        trust: bool = False,
    ) -> int:
        """As `GalleryWidget.precompute`."""
        self._carry_out(self._plan(layers, targets, methods, images), trust=trust)
        return self._atlas.bytes

    def precompute_unless_saved(self, pictures: str | None) -> None:
        """Compute what is usual, of the pictures that are asked for or else unless something was already.

        Raises
        ------
        RuntimeError
            If that was cancelled.
        """
        if self._atlas.indices and pictures is None:
            return
        if not self._carry_out(self._plan(None, None, None, pictures)):
            raise RuntimeError("computing ahead was cancelled, so no page was written")

    def _plan(
        self,
        layers: Sequence[str] | None,
        targets: Sequence[int | str] | None,
        methods: Sequence[str] | None,
        images: Sequence[int] | str | None,
    ) -> GalleryPlan:
        offered, known, layer = self._offer.method_names, [*self._offer.layers], self._screen.layer
        count = len(self._asked.work.exploration.pictures)
        if isinstance(images, str):
            chosen = self._filing.indices(images)
        elif images is not None:
            chosen = checked("images", images, range(count))
        elif count <= _MOST_IMAGES:
            chosen = list(range(count))
        else:
            chosen = self._filing.indices("page") or [self._screen.image_index]
        usual = known if len(chosen) <= _MOST_IN_ALL_LAYERS else [layer] if layer else []
        return GalleryPlan(
            list(dict.fromkeys(chosen)),
            self._usual_targets() if targets is None else self._checked_targets(targets),
            self._usual_methods() if methods is None else checked("methods", methods, offered),
            usual if layers is None else checked("layers", layers, known),
            self._screen.painted,
        )

    def _usual_methods(self) -> list[str]:
        """All quick ones, and of those with many passes the ones that have a column."""
        columns = self._screen.methods
        return [
            each.name for each in self._offer.methods if not each.is_slow or each.name in columns
        ]

    def _usual_targets(self) -> list[Target]:
        with_labels: list[Target] = ["predicted", *(["label"] if self._offer.has_labels else [])]
        return list(dict.fromkeys([*with_labels, self._screen.target]))

    def _checked_targets(self, targets: Sequence[int | str]) -> list[Target]:
        found: list[Target] = []
        for target in listed("targets", targets):
            if target == "label" and not self._offer.has_labels:
                raise ValueError("targets holds 'label'; the pictures have no labels")
            if target in _KINDS:
                found.append(target)
                continue
            try:
                found.append(self._offer.source.class_index(target))
            except (TypeError, ValueError) as error:
                kinds = ", ".join(map(repr, _KINDS))
                raise type(error)(f"targets holds {target!r}: {error}; or give {kinds}") from error
        return found

    def _carry_out(self, plan: GalleryPlan, *, trust: bool = False) -> bool:
        """Compute what is planned; whether that came to its end."""
        screen, atlas = self._screen, self._atlas
        most = bytes_in_words(
            plan.most_bytes(self._asked.work, self._asked.index, self._offer.layers)
        )
        pictures = counted(len(plan.images))
        failed: list[str] = []

        def ended() -> str:
            screen.present_atlas(atlas.state())
            if self._has_seen_all():
                screen.present_summary(self._offer.source.summary(screen.request().ask))
            maps = "1 map" if len(atlas) == 1 else f"{len(atlas)} maps"
            bad = f"; {len(failed)} could not be read or explained" if failed else ""
            saved = counted(len(atlas.indices))
            return f"{maps} of {saved} saved, {bytes_in_words(atlas.bytes)}{bad}"

        return carried_out(
            screen,
            self._worker,
            f"Saving up to {plan.views} maps of {pictures}, at most about {most} ...",
            lambda job: self._fill(job, plan, failed, trust=trust),
            ended,
        )

    def _has_seen_all(self) -> bool:
        """Whether it is known how well the models do, without asking them."""
        findings, count = self._asked.work.findings, len(self._asked.work.exploration.pictures)
        return len(findings.verdicts) + len(findings.failures) >= count

    def _fill(self, job: Job, plan: GalleryPlan, failed: list[str], *, trust: bool) -> None:
        through = 0
        maps = 0.2 if trust else 1.0
        for causes in plan.fill(self._atlas, self._asked.work, job.cancelled):
            through += len(causes)
            failed += filter(None, causes)
            with self._screen.turn():
                if self._worker.is_latest(job):
                    self._screen.progress = round(maps * through / len(plan.images), 2)
        metrics = self._screen.metrics or [*ROW_METRICS]
        models = [None, *(other.name for other in self._asked.work.others)]
        asked = [
            (ask, *asked_of(self._asked.work, name, ask)) for ask in plan.asks for name in models
        ]
        for number, (_, work, own) in enumerate(asked if trust else ()):
            todo = unmeasured(work, plan.images, own, metrics)
            for done, _ in enumerate(measure(work, todo, own, metrics, job.cancelled), 1):
                share = (number + done / len(todo)) / len(asked)
                with self._screen.turn():
                    if self._worker.is_latest(job):
                        self._screen.progress = round(maps + (1 - maps) * share, 2)
        for ask in plan.asks:
            keep_numbers(self._atlas, self._asked.work, plan.images, ask, metrics)
