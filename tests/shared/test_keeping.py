"""How long a service keeps an application: a pure rule over its case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.case import empty_case
from shared.case_model import Case
from shared.fields import to_instant
from shared.keeping import KEPT, Keeps, drop_at
from shared.permit_model import Permit
from tests.builders import CODE, SKP, History

ENDED = History(SKP).begin().finish().case
RUNNING = History(SKP).begin().case


def with_permit(valid_until: str) -> Case:
    """Returns an issued case whose permit is valid until a day."""
    return replace(ENDED, permit=Permit("IZIN/1", "2026-12-01", valid_until, deemed=False))


@pytest.mark.parametrize("keeps", ["open", "permits", "all"])
@pytest.mark.parametrize("case", [empty_case(CODE), RUNNING], ids=["unknown", "running"])
def test_a_running_application_is_kept(case: Case, keeps: Keeps) -> None:
    """Nobody lets go of an application that has not ended."""
    assert drop_at(case, keeps) is None


def test_the_days_count_from_the_last_entry() -> None:
    """What ended is kept for 30 days after its last entry, so that what came late has its 30 days as well."""
    later = replace(ENDED, recorded="2027-03-01T00:00:00.000000Z")
    assert drop_at(ENDED, "open") == to_instant(ENDED.recorded) + KEPT
    assert drop_at(later, "open") == datetime(2027, 3, 31, tzinfo=UTC)
    assert drop_at(later, "all") is None


@pytest.mark.parametrize(
    ("valid_until", "expected"),
    [
        ("", None),
        ("2027-11-30", datetime(2027, 11, 30, 17, tzinfo=UTC) + KEPT),
        ("2020-01-01", to_instant(ENDED.recorded) + KEPT),
    ],
    ids=["without end", "in force", "over"],
)
def test_who_keeps_permits_keeps_those_in_force(valid_until: str, expected: datetime | None) -> None:
    """Who keeps permits keeps the application to 30 days after the permit's last day; without a last day for ever."""
    assert drop_at(with_permit(valid_until), "permits") == expected
    assert drop_at(with_permit(valid_until), "open") == to_instant(ENDED.recorded) + KEPT


def test_a_submission_that_was_refused_does_not_stay() -> None:
    """An application whose every entry was refused never ends; it is let go of 30 days after the last of them."""
    refused = replace(empty_case(CODE), sequence=1, recorded="2026-11-01T00:00:00.000000Z")
    assert drop_at(refused, "open") == datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=30)
