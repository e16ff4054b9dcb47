"""The orderly end of a process: something happened after which it may not go on, and a sentence says what."""

from collections.abc import Iterator


class ProcessEnds(Exception):  # noqa: N818 - says what happens
    """Ends the process; the message is a sentence for the operator, and the supervisor starts it anew."""


def reason_of(error: BaseException) -> str:
    """Returns the sentence of an orderly end, also of one inside a group of exceptions; empty for any other failure."""
    return next((str(leaf) for leaf in _leaves(error) if isinstance(leaf, ProcessEnds)), "")


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
