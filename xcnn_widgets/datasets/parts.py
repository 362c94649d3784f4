"""A file of results, and what its end tells of it, which is read once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow.parquet as pq


@dataclass(frozen=True)
class Group:
    """A row group: its number in the file, how many rows it has, and the least and the greatest index of a picture."""

    number: int
    rows: int
    first: int
    last: int


@dataclass(frozen=True, eq=False)
class Part:
    """A file with its row groups."""

    path: Path
    metadata: pq.FileMetaData
    groups: tuple[Group, ...]

    @classmethod
    def of(cls, path: Path) -> Part:
        """Read the end of a file."""
        import pyarrow.parquet as pq

        metadata = pq.read_metadata(path)
        column = metadata.schema.names.index("index")
        groups = []
        for number in range(metadata.num_row_groups):
            told = metadata.row_group(number)
            ends = told.column(column).statistics
            groups.append(Group(number, told.num_rows, ends.min, ends.max))
        return cls(path, metadata, tuple(groups))

    def open(self) -> pq.ParquetFile:
        """Open it to read from, without reading its end again."""
        import pyarrow.parquet as pq

        return pq.ParquetFile(self.path, metadata=self.metadata, memory_map=True)
