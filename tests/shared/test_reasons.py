"""Reasons by code: listed with texts in both languages, refused at the doors when unknown, and never by the ledger."""

import re
from collections.abc import Callable

import pytest

from services.inspection import domain as inspection
from services.issuance import domain as issuance
from services.verification import domain as verification
from shared import events as e
from shared.draft import Commit
from shared.reasons import MISSED_BY, REASONS, checked, checked_all, missed_by, text_of
from shared.refusals import Refusal
from tests.builders import COMMITMENT, REKLAME, History

KEEP: Commit = lambda _name, _value: COMMITMENT  # noqa: E731 - a commitment that a test need not open


@pytest.mark.parametrize("kind", REASONS)
def test_every_reason_has_its_texts(kind: str) -> None:
    """Each code is a slug with a text in Indonesian and one in English, and a code means the same in every list."""
    for code, (indonesian, english) in REASONS[kind].items():  # type: ignore[index]  # a kind of the table
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
        assert indonesian.strip() == indonesian != english
        assert english.strip() == english != ""
        assert text_of(code) == (indonesian, english)


def test_an_unknown_reason_is_refused_with_its_code() -> None:
    """A reason of another list is unknown as well; those that the city's own rules gave may be repeated."""
    with pytest.raises(Refusal) as caught:
        checked("finding", "cuti")
    assert (caught.value.code, caught.value.about) == ("reason-unknown", "cuti")
    assert checked_all("rejection", ["site-visit-failed", "data-tidak-benar"], ["site-visit-failed"]) == (
        "site-visit-failed",
        "data-tidak-benar",
    )
    assert text_of("tidak-ada-di-mana-pun") is None


def test_who_did_not_come_is_told_by_the_reason() -> None:
    """Each reason of a missed visit is the applicant's, the agency's or nobody's."""
    assert set(MISSED_BY) <= set(REASONS["miss"])
    assert (missed_by("terkunci"), missed_by("petugas-tidak-hadir"), missed_by("hujan")) == ("applicant", "agency", "")


def test_every_door_that_takes_a_reason_asks_the_list() -> None:
    """Findings, rejections, returns, moved visits, sanctions and reinstatements refuse a reason that nobody listed."""
    case, bad = History(REKLAME).begin().case, "karena-begitu"
    found = verification.Found("desain", bad)
    tries: tuple[Callable[[], object], ...] = (
        lambda: verification.complete_review(case, "lalin", "findings", [found], (), KEEP),
        lambda: verification.complete_review(case, "lalin", "rejected", (), [bad], KEEP),
        lambda: inspection.move_visit("lapangan", 1, "2026-12-01", bad),
        lambda: issuance.draft_decision(case, "tetap", "refuse", [bad]),
        lambda: issuance.return_decision("tetap", bad),
        lambda: issuance.warn_holder(case, [bad], 5),
        lambda: issuance.suspend_permit([bad], "perda"),
        lambda: issuance.revoke_permit([bad], "perda"),
        lambda: issuance.annul_permit([bad], "perda"),
        lambda: issuance.reinstate_permit(bad),
    )
    for attempt in tries:
        with pytest.raises(Refusal, match="reason-unknown"):
            attempt()


def test_the_ledger_keeps_old_reasons_valid() -> None:
    """An event with a reason that is on no list stands: the lists are the doors' business."""
    history = History(REKLAME).begin().until("lalin")
    assert history.say(e.ReviewCompleted(step="lalin", round=1, result="rejected", reasons=("alasan-lama",))) == ""
