"""The engine of one machine: processes read, the model answers, a thread writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ..study import Work
from .answering import Answering
from .feeding import Item, items
from .folder import Folder
from .question import Question
from .writing import Writer

# So many pictures, or so many bytes of them, are in the model's hands at once.
_PICTURES = 8
_BYTES = 64 * 2**20


def run_locally(
    work: Work,
    question: Question,
    folder: Folder,
    todo: Sequence[int],
    keys: Callable[[int], str],
    *,
    workers: int | None,
    done: Callable[[int], None],
) -> None:
    """Answer the question about pictures, and write the rows.

    Parameters
    ----------
    work
        The model with the pictures.
    question, folder
        What is asked, and where the rows go.
    todo
        Which pictures.
    keys
        From a picture's index to its key.
    workers
        How many processes read, as `items` takes it.
    done
        Told how many more pictures are done.
    """
    answering = Answering(work, question, keys)
    read = items(work.exploration, todo, workers=workers, side=question.thumbnail)
    with Writer(folder, question) as writer:
        for some in handfuls(read, work.batch_size.value):
            writer.write(answering.rows(some))
            done(len(some))


def handfuls(read: Iterator[Item], batch_size: int) -> Iterator[list[Item]]:
    """So many pictures at once as memory bears, and a batch at least."""
    most = max(_PICTURES, batch_size)
    some: list[Item] = []
    size = 0
    for item in read:
        some.append(item)
        if item.prepared is not None:
            size += item.prepared.input.nbytes + item.prepared.picture.nbytes
        if len(some) >= most or size >= _BYTES:
            yield some
            some, size = [], 0
    if some:
        yield some
