"""Arguments of networks that a paper has only some values of."""

from collections.abc import Collection

from segrepro.errors import SegReproError


def require_known(network: str, argument: str, found: object, known: Collection[object]) -> None:
    """Refuses what would build a network of no paper.

    Args:
        network: name of the class that is asked for.
        argument: name of its argument.
        found: the argument's value.
        known: the values that the paper's networks have.

    Raises:
        SegReproError: the value is none of these.
    """
    if found not in known:
        raise SegReproError(
            f"{network}: {argument}: found {found!r}; expected one of {', '.join(map(repr, known))}, the"
            " paper's networks. Correct it in the config"
        )
