"""The tracker's row: complete for the rules, small, and with the digest that a replay can be compared by."""

import hashlib
from collections.abc import Callable

import pytest

from services.tracker import views
from shared.case import case_state, empty_case, fold_all
from shared.city import City
from shared.envelope import canonical
from shared.sop import deadlines, rules
from tests.builders import APPLICANT_ID, COMMITMENT, OFFICER_ID, REKLAME, History
from tests.services.tracker.states import STATES, row_of, with_findings

ROW_BYTES_MAX = 8 * 1024


@pytest.mark.parametrize("made", STATES.values(), ids=STATES.keys())
def test_rules_answer_the_same_from_the_row(made: Callable[[], History]) -> None:
    """Whoever asks the rules with the case read back from the row gets the answers of the case itself."""
    history = made()
    calendar = history.city.calendar

    back = views.case_of(history.code, row_of(history), history.city.sops[history.sop])

    assert rules.whose_turn(back) == rules.whose_turn(history.case)
    assert deadlines.clock(back, calendar) == deadlines.clock(history.case, calendar)
    assert deadlines.expected_end(back, calendar) == deadlines.expected_end(history.case, calendar)
    assert tuple(back.ready) == tuple(history.case.ready)


@pytest.mark.parametrize("made", STATES.values(), ids=STATES.keys())
def test_digest_is_that_of_a_replay(made: Callable[[], History]) -> None:
    """The digest in the row is that of the state which a replay of the entries gives."""
    history = made()

    replayed = fold_all(history.code, history.entries, history.city.sops)

    row = row_of(history)
    assert row["case_digest"] == hashlib.sha256(canonical(case_state(replayed))).hexdigest()
    assert row["outcome"] == replayed.outcome


@pytest.mark.parametrize("made", STATES.values(), ids=STATES.keys())
def test_row_holds_no_identity_and_no_commitment(made: Callable[[], History]) -> None:
    """Neither an applicant's nor an officer's identity nor a commitment stands in the row."""
    text = canonical(row_of(made())).decode()

    assert not [secret for secret in (APPLICANT_ID, OFFICER_ID, COMMITMENT) if secret in text]


def test_row_stays_small_over_many_rounds() -> None:
    """Even after eight rounds of correction the row is below its bound."""
    history = History(REKLAME).begin().until("struktur-ruang")
    for _ in range(8):
        with_findings(history, "struktur-ruang", "gambar-konstruksi").until("struktur-ruang")

    assert len(canonical(row_of(history))) <= ROW_BYTES_MAX


def test_case_without_an_sop_has_no_row() -> None:
    """An application that the ledger has not entered as submitted has no row."""
    assert views.project(empty_case("PKY-36BS-2WSW-K54E-F"), City()) is None
