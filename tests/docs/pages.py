"""The pages of a built site: where their links lead, and what they would fetch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser fetches with the page, by the attribute that names it.
_FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}


@dataclass
class ReadPage(HTMLParser):
    """The names, links and fetched addresses of a page."""

    path: Path
    names: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what an element is called, where it leads, and what it brings."""
        found = {name: value or "" for name, value in attrs}
        self.names |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag in _FETCHED and _FETCHED[tag] in found:
            self.fetched.append(found[_FETCHED[tag]])


class Pages:
    """The pages of a folder, by their paths."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # Folders with an underscore hold what pages load.
        found = (path for path in folder.rglob("*.html") if "_" not in _first_letters(path, folder))
        self.read = {path: ReadPage(path) for path in sorted(found)}

    def broken(self) -> Iterator[str]:
        """Each link that leads to no file, or to no place on its page."""
        for page in self.read.values():
            for address in {*page.links, *page.fetched}:
                parts = urlsplit(address)
                if parts.scheme or parts.netloc:
                    continue
                leads_to = (
                    (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
                )
                name = unquote(parts.fragment)
                where = f"{page.path.relative_to(self.folder)}: {address}"
                if not leads_to.is_file():
                    yield where
                elif name and name not in self._names(leads_to):
                    yield f"{where} (no such place)"

    def from_elsewhere(self) -> Iterator[str]:
        """Each address that a browser would fetch from somebody else."""
        for page in self.read.values():
            for address in page.fetched:
                if urlsplit(address).netloc:
                    yield f"{page.path.relative_to(self.folder)}: {address}"

    def _names(self, path: Path) -> set[str]:
        page = self.read.get(path)
        return page.names if page else set()


def _first_letters(path: Path, folder: Path) -> set[str]:
    return {part[0] for part in path.relative_to(folder).parts}
