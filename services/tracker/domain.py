"""The tracker says nothing: it only reads."""

from collections.abc import Sequence

from shared.case import Case
from shared.draft import Desk, Draft


def react(_case: Case, _desk: Desk) -> Sequence[Draft]:
    """Has no step of an application."""
    return ()
