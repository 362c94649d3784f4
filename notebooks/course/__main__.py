"""`make course`: the students' version, the teacher's, and a page of each notebook, in dist/course."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from .writing import write_course

ROOT = Path(__file__).parents[2]

if __name__ == "__main__":
    folder = ROOT / "dist" / "course"
    shutil.rmtree(folder, ignore_errors=True)
    sources = sorted((ROOT / "notebooks").glob("*.ipynb"))
    write_course(sources, folder)
    print(
        f"{len(sources)} notebooks: open {folder / 'index.html'}, and read {folder / 'README.md'}"
    )
    sys.exit(0)
