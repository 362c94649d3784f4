"""Pages of the site that stand elsewhere in the repository: notebooks, the changelog.

They are read where they are. So a link between them and the pages in ``docs/`` is the way from file to file, which is
right on a code host too, and MyST makes it the way from page to page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.project import Project


class ProjectAndBeside(Project):
    """The documents of a folder, and some files outside it.

    The two private tables are those that ``Project.discover`` of Sphinx 8 and 9 fills; a build without warnings tells
    that they still are.
    """

    def __init__(self, srcdir: Path, suffixes: Iterable[str], beside: Mapping[str, str]) -> None:
        super().__init__(srcdir, suffixes)
        self.beside = dict(beside)

    def discover(
        self, exclude_paths: Iterable[str] = (), include_paths: Iterable[str] = ("**",)
    ) -> set[str]:
        """Find all documents in the folder, and add those beside it."""
        found = super().discover(exclude_paths, include_paths)
        for name, path in self.beside.items():
            found.add(name)
            self._docname_to_path[name] = Path("..") / path
            # By this, links find the page of a file.
            self._path_to_docname[Path(self.srcdir).parent / path] = name
        return found


def _add(app: Sphinx) -> None:
    project = ProjectAndBeside(Path(app.srcdir), app.config.source_suffix, app.config.beside_docs)
    app.project = app.env.project = project


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the setting ``beside_docs``: a file of the repository for each page."""
    app.add_config_value("beside_docs", {}, "env", types=frozenset({dict}))
    app.connect("builder-inited", _add)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
