"""The contents that stay in view above a page."""

from collections.abc import Sequence


def contents(sections: Sequence[tuple[str, str, object]]) -> list[tuple[str, str]]:
    """Names the sections that a page has.

    Args:
        sections: id, name and content of each; one without content is not on the page.

    Returns:
        Id and name.
    """
    return [(anchor, title) for anchor, title, content in sections if content]
