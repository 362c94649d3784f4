"""Which views of several models to compute ahead: a plan for each, and the classes that any of them finds likely."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from ..study import Models
from .atlas_plan import LIKELIEST, Plan
from .atlases import Atlases


@dataclass(frozen=True)
class Plans:
    """What to compute ahead, by model."""

    by_model: Mapping[str | None, Plan]

    @property
    def views(self) -> int:
        """How many views they have, if the models have so many classes."""
        return sum(plan.views for plan in self.by_model.values()) * self._times

    def most_bytes(self, atlases: Atlases, models: Models, like: int) -> int:
        """Their size if all pictures are as large as the one given, and nothing can be made smaller."""
        return self._times * sum(
            plan.most_bytes(atlases.of(name), models.explored(name), like)
            for name, plan in self.by_model.items()
        )

    def fill(
        self,
        atlases: Atlases,
        models: Models,
        cancelled: Callable[[], bool],
        left_out: list[str],
    ) -> Iterator[float]:
        """Compute what the atlases do not hold; parameters and shares as of `Plan.fill`."""
        if self._times > 1:
            self._ask_all(models, cancelled)
        for position, (name, plan) in enumerate(self.by_model.items()):
            lost: list[str] = []
            for share in plan.fill(atlases.of(name), models.explored(name), cancelled, lost):
                yield (position + share) / len(self.by_model)
            # What one model cannot read, most others cannot either.
            left_out += [complaint for complaint in lost if complaint not in left_out]
            if cancelled():
                return

    @property
    def _times(self) -> int:
        """How many models choose classes, of which each then is to show all."""
        return len(self.by_model) if any(p.targets is None for p in self.by_model.values()) else 1

    def _ask_all(self, models: Models, cancelled: Callable[[], bool]) -> None:
        """Tell each plan which classes the other models find likely on each picture."""
        for name, plan in self.by_model.items():
            for image in plan.images:
                if cancelled():
                    return
                # What cannot be read is told when its turn comes.
                with suppress(OSError, TypeError, ValueError):
                    exploration = models.explored(name)
                    likely = [found.index for found in exploration.predictions(image, LIKELIEST)]
                    for other in self.by_model.values():
                        if other is not plan:
                            others = other.likely_elsewhere.setdefault(image, [])
                            others += [(exploration.answers, index) for index in likely]
