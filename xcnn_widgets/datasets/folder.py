"""A folder of results: files that are whole or not there, whenever the writing ends."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .question import Question

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq

QUESTION = "question.json"
# Which pictures are in which group, and what is to know of the groups.
GROUPS_TABLE, GROUPS_JSON = "groups.parquet", "groups.json"
# A part is called by the first and the last of the numbers that it stands for.
_PART = re.compile(r"part-(\d{8})-(\d{8})\.parquet")
_LOCK = ".lock"
_OURS: set[Path] = set()
# So many pictures are one row group, which is what is read at once.
ROWS = 1_000
# So many row groups are one file in the end.
_GROUPS = 64


class Folder:
    """Where the results of a data set are.

    Each part is written beside its name and then renamed, so that what is there is whole. Parts are put together when
    all is done: a part that stands for the numbers 0 to 63 takes the place of the 64 parts 0, 1, ... 63; where both
    are there, because somebody ended the process in between, the small ones do not count.

    Parameters
    ----------
    path
        The folder.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        # Results outlive a change of the working folder.
        self.path = Path(path).absolute()

    @property
    def has_results(self) -> bool:
        """Whether somebody has begun to write here."""
        return (self.path / QUESTION).is_file()

    def question(self) -> Question:
        """What was asked.

        Raises
        ------
        FileNotFoundError
            If these are no results.
        """
        if not self.has_results:
            raise FileNotFoundError(
                f"there are no results in '{self.path}': it has no {QUESTION}; xw.explain_dataset writes them"
            )
        return Question.from_json((self.path / QUESTION).read_text(encoding="utf-8"))

    def parts(self) -> list[Path]:
        """The files that hold rows, in their order."""
        return [path for _, path in self._parts()]

    def dataset(self, question: Question) -> ds.Dataset:
        """The rows, as pyarrow's ``Dataset``."""
        import pyarrow.dataset as ds

        from .schema import schema_of

        files = [str(path) for path in self.parts()]
        return ds.dataset(files, schema=schema_of(question), format="parquet")

    def keys(self) -> set[str]:
        """The keys of the pictures whose rows are there."""
        import pyarrow.parquet as pq

        found: set[str] = set()
        for path in self.parts():
            found.update(pq.read_table(path, columns=["key"])["key"].to_pylist())
        return found

    def begin(self, question: Question, made_by: dict[str, str], *, overwrite: bool) -> None:
        """Write down what is asked; `overwrite` removes what is there."""
        self.path.mkdir(parents=True, exist_ok=True)
        if overwrite:
            # The question goes last: rows without theirs would be taken for answers to the next one.
            self.forget_groups()
            for path in [*self._named(), self.path / QUESTION]:
                path.unlink(missing_ok=True)
        for left_over in self.path.glob(".writing-*"):
            left_over.unlink()
        if not self.has_results:
            with self.whole(self.path / QUESTION) as beside:
                beside.write_text(question.to_json(made_by), encoding="utf-8")

    def add(self, table: pa.Table) -> Path:
        """Write one more part."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        number = max((last for _, last, _ in self._numbers()), default=-1) + 1
        path = self.path / f"part-{number:08d}-{number:08d}.parquet"
        with self.whole(path) as beside:
            pq.write_table(
                table,
                beside,
                compression="zstd",
                row_group_size=ROWS,
                write_statistics=_with_statistics(table.schema),
            )
        # Else pyarrow would keep tens of megabytes for the next part.
        pa.default_memory_pool().release_unused()
        return path

    def put_together(self) -> None:
        """Make few large files of many small ones, a row group at a time."""
        parts = self._parts()
        for some in _groups(parts):
            if len(some) > 1:
                path = self.path / f"part-{some[0][0][0]:08d}-{some[-1][0][1]:08d}.parquet"
                with self.whole(path) as beside:
                    _join([path for _, path in some], beside)
        for path in set(self._named()) - {path for _, path in self._parts()}:
            path.unlink()

    def forget_groups(self) -> None:
        """Remove the groups of pictures that are there."""
        # The description goes first: a table without it does not count.
        for name in (GROUPS_JSON, GROUPS_TABLE):
            (self.path / name).unlink(missing_ok=True)

    @contextmanager
    def whole(self, path: Path) -> Iterator[Path]:
        """A file to write, which gets its name when all of it is there."""
        beside = path.with_name(f".writing-{path.name}")
        yield beside
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.replace(path)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep others from writing here at the same time.

        Raises
        ------
        RuntimeError
            If somebody writes here already.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        here = self.path.resolve()
        with (self.path / _LOCK).open("w") as file:
            try:
                # A process is never kept out by a lock of its own.
                if here in _OURS:
                    raise BlockingIOError
                _lock(file)
            except OSError as error:
                raise RuntimeError(
                    f"somebody else writes results in '{self.path}'; wait for it, or choose another folder"
                ) from error
            _OURS.add(here)
            try:
                yield
            finally:
                _OURS.discard(here)

    def _named(self) -> list[Path]:
        return [path for *_, path in self._numbers()]

    def _numbers(self) -> list[tuple[int, int, Path]]:
        files = self.path.iterdir() if self.path.is_dir() else ()
        named = [(_PART.fullmatch(path.name), path) for path in files]
        found = [(int(match[1]), int(match[2]), path) for match, path in named if match]
        # The one that stands for more comes first.
        return sorted(found, key=lambda part: (part[0], -part[1]))

    def _parts(self) -> list[tuple[tuple[int, int], Path]]:
        parts: list[tuple[tuple[int, int], Path]] = []
        for first, last, path in self._numbers():
            if not parts or last > parts[-1][0][1]:
                parts.append(((first, last), path))
        return parts


def _groups(parts: Sequence[tuple[tuple[int, int], Path]]) -> Iterator[list[Any]]:
    """Neighbours that are one file in the end."""
    import pyarrow.parquet as pq

    some: list[tuple[tuple[int, int], Path]] = []
    rows = 0
    for part in parts:
        more = pq.read_metadata(part[1]).num_rows
        if some and rows + more > _GROUPS * ROWS:
            yield some
            some, rows = [], 0
        some.append(part)
        rows += more
    yield some


def _with_statistics(schema: pa.Schema) -> list[str]:
    """The columns of which each row group tells the least and the greatest value: not of pictures and maps, in whole."""
    import pyarrow as pa

    return [
        field.name
        for field in schema
        if not (pa.types.is_binary(field.type) or pa.types.is_list(field.type))
    ]


def _join(parts: Sequence[Path], to: Path) -> None:
    import pyarrow.parquet as pq

    schema = pq.read_schema(parts[0])
    statistics = _with_statistics(schema)
    with pq.ParquetWriter(to, schema, compression="zstd", write_statistics=statistics) as writer:
        waiting: list[pa.Table] = []
        for path in parts:
            with pq.ParquetFile(path) as file:
                for group in range(file.num_row_groups):
                    waiting.append(file.read_row_group(group))
                    if sum(table.num_rows for table in waiting) >= ROWS:
                        _flush(waiting, writer)
        if waiting:
            _flush(waiting, writer)


def _flush(waiting: list[pa.Table], writer: pq.ParquetWriter) -> None:
    import pyarrow as pa

    writer.write_table(pa.concat_tables(waiting), row_group_size=ROWS)
    waiting.clear()


def _lock(file: Any) -> None:
    """Take a lock that ends with the process, however that ends, and that no process which it forked holds."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
