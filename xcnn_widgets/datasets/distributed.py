"""The engine of many machines: workers of a Ray cluster read and explain, this process writes."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from .answering import Answering
from .feeding import items
from .folder import Folder
from .local import handfuls
from .question import Question
from .schema import schema_of, table_of
from .setup import Setup
from .writing import Writer

if TYPE_CHECKING:
    from ray import ObjectRef

# A worker takes so many pictures at once; with one that dies its own are lost, and asked again.
_MOST = 64
# Small data sets are cut finer, so that each worker has some of it in the end.
_PORTIONS_EACH = 4


def run_on_ray(
    setup: Setup,
    question: Question,
    folder: Folder,
    todo: Sequence[int],
    keys: Callable[[int], str],
    *,
    opened: int,
    address: str | None,
    workers: int | None,
    gpus_per_worker: float,
    done: Callable[[int], None],
) -> None:
    """Answer the question about pictures on a cluster, and write the rows here.

    Parameters
    ----------
    setup
        The model with the pictures, which goes to each machine once.
    question, folder
        What is asked, and where the rows go.
    todo
        Which pictures.
    keys
        From a picture's index to its key.
    opened
        A picture that the model takes.
    address
        As `connected` takes it.
    workers
        How many; None takes as many as there is room for.
    gpus_per_worker
        Which share of a GPU each has.
    done
        Told how many more pictures are done.

    Raises
    ------
    RuntimeError
        If rows are missing in the end.
    """
    import ray

    from .cluster import connected, workers_with_room

    packed = setup.packed(ray.cloudpickle)
    with connected(address, packed.nbytes):
        count = workers_with_room(gpus_per_worker) if workers is None else workers
        portions = _portions(todo, keys, count)
        # A tuple, since Ray puts the value in the place of a reference that stands alone.
        asked = {"packed": (ray.put(packed),), "question": question, "opened": opened}
        # A block each, which is what a worker takes at once; of tables Ray would make a task each, only to look at them.
        given = ray.data.from_items(portions, override_num_blocks=len(portions))
        rows = given.map_batches(
            Explainer,
            batch_size=1,
            batch_format="pyarrow",
            compute=ray.data.ActorPoolStrategy(size=min(count, len(portions))),
            fn_constructor_kwargs=asked | {"device": "cuda" if gpus_per_worker else "cpu"},
            num_cpus=1,
            num_gpus=gpus_per_worker,
        )
        waiting = set(todo)
        with Writer(folder, question) as writer:
            for table in rows.iter_batches(batch_size=None, batch_format="pyarrow"):
                # What was asked again may come twice.
                new = [row for row in table.to_pylist() if row["index"] in waiting]
                waiting.difference_update(row["index"] for row in new)
                writer.write(new)
                done(len(new))
    if waiting:
        raise RuntimeError(
            f"Ray brought no rows of {len(waiting)} pictures, such as {keys(min(waiting))!r}; the same call goes on with them"
        )


class Explainer:
    """Answers the question about portions of the pictures, in a worker of the cluster.

    Parameters
    ----------
    packed
        Where the setup is.
    question
        What is asked.
    opened
        A picture that the model takes.
    device
        Where the model computes.
    """

    def __init__(
        self, packed: tuple[ObjectRef[Any]], question: Question, opened: int, device: str
    ) -> None:
        import ray

        self._work = Setup.unpacked(ray.get(packed[0])).work(device)
        self._work.open(opened)
        self._keys: dict[int, str] = {}
        self._question = question
        self._answering = Answering(self._work, question, self._keys.__getitem__)

    def __call__(self, portion: pa.Table) -> Iterator[pa.Table]:
        """The rows of a portion, a handful at a time."""
        self._keys.clear()
        for pictures in portion["pictures"].to_pylist():
            self._keys.update(pickle.loads(pictures))  # noqa: S301 - our own driver made it
        indices = list(self._keys)
        exploration, schema = self._work.exploration, schema_of(self._question)
        # A worker of Ray must not be forked.
        read = items(exploration, indices, workers=0, side=self._question.thumbnail)
        for some in handfuls(read, self._work.batch_size.value):
            yield table_of(self._answering.rows(some), schema)


def _portions(
    todo: Sequence[int], keys: Callable[[int], str], workers: int
) -> list[dict[str, bytes]]:
    """Indices with their keys, cut so that all workers have something to do until the end."""
    size = max(1, min(_MOST, len(todo) // (_PORTIONS_EACH * workers)))
    return [
        {"pictures": pickle.dumps([(index, keys(index)) for index in todo[first : first + size]])}
        for first in range(0, len(todo), size)
    ]
