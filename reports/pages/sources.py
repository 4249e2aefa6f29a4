"""Where a claim is printed, in a reader's words and with an address."""

from typing import NamedTuple

from data_manifests.schemas.claim import Claim, Source
from data_manifests.schemas.paper import Document, Paper


class Place(NamedTuple):
    """A place in a document."""

    text: str
    """Such as `arXiv:1803.06815, abstract, line 12 of the text`."""
    address: str | None
    """Of the web; None where the document has none."""


def place_of(claim: Claim, paper: Paper) -> Place:
    """Where a paper, its repository or a public page prints a claim."""
    return place(claim.source, paper)


def place(source: Source, paper: Paper) -> Place:
    """The same for any place that a claim names."""
    document = _document(source, paper)
    where = [_name(source, document, paper), source.location]
    if source.line is not None:
        lines = [source.line] if isinstance(source.line, int) else list(source.line)
        unit = "line" if len(lines) == 1 else "lines"
        of_text = " of the text" if document is not None and document.tier == "seed" else ""
        where.append(f"{unit} {', '.join(map(str, lines))}{of_text}")
    return Place(", ".join(where), web(_address(source, document, paper)))


def web(address: str | None) -> str | None:
    """An address that a page may link to; None for everything that is not of the web, such as `javascript:`."""
    return address if address is not None and address.startswith(("https://", "http://")) else None


def arxiv(paper: Paper) -> str | None:
    """Address of a paper's abstract."""
    return None if paper.arxiv is None else f"https://arxiv.org/abs/{paper.arxiv}"


def _document(source: Source, paper: Paper) -> Document | None:
    """What the manifest knows of the source: of several of one name, that of the same branch, path or address."""
    alike = [
        document
        for document in paper.documents.values()
        if (document.document, document.repo, document.url) == (source.document, source.repo, source.url)
    ]
    exact = [each for each in alike if (each.branch, each.path) == (source.branch, source.path)]
    return next(iter([*exact, *alike]), None)


def _name(source: Source, document: Document | None, paper: Paper) -> str:
    if source.repo is not None:
        branch = f", branch {source.branch}" if source.branch not in (None, "master", "main") else ""
        return f"{source.path or source.document} of {source.repo}{branch}"
    if source.url is not None:
        return f"{source.url.partition('://')[2].partition('/')[0]} (stored copy)"
    if document is not None and document.tier == "seed":
        return f"arXiv:{paper.arxiv}" if paper.arxiv else f"{paper.title} ({paper.venue})"
    return source.document


def _address(source: Source, document: Document | None, paper: Paper) -> str | None:
    if source.url is not None:
        return source.url
    if source.repo is not None:
        version = (document.commit if document else None) or source.branch or "HEAD"
        line = source.line[0] if isinstance(source.line, tuple) else source.line
        at = f"#L{line}" if line is not None else ""
        plain = "?plain=1" if source.document.endswith(".md") and at else ""
        return f"https://github.com/{source.repo}/blob/{version}/{source.path or source.document}{plain}{at}"
    return arxiv(paper) or paper.code
