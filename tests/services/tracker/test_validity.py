"""Whether a permit is valid: one sentence for every way in which a permit may stand, on the page and as JSON."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from services.tracker.validity import NOTES, SENTENCES, VALID, validity
from shared import events as e
from tests.builders import CODE, OTHER_CODE, History
from tests.services.tracker import states
from tests.services.tracker.test_doors import Get, get, running, stage
from tests.shared.permits import issued

__all__ = ["get", "running", "stage"]
IN_TERM = datetime(2026, 12, 10, tzinfo=UTC)
PAGE_BYTES_MAX = 40 * 1024


def suspended() -> History:
    """Returns a permit that may not be used for now."""
    return issued().must(e.PermitSuspended(reasons=("tidak-sesuai-izin",), legal_basis="uu-1-2022"))


def of(history: History, now: datetime = IN_TERM) -> dict[str, object]:
    """Returns the validity that a history tells of."""
    return validity(states.tree_of(history, now))


@pytest.mark.parametrize(
    ("history", "now", "status"),
    [
        (issued, IN_TERM, "valid-until"),
        (issued, datetime(2027, 12, 2, 16, 59, tzinfo=UTC), "valid-until"),
        (issued, datetime(2027, 12, 2, 17, 0, tzinfo=UTC), "expired"),
        (suspended, IN_TERM, "suspended"),
        (states.submitted, IN_TERM, "never-issued"),
        (states.refused, IN_TERM, "never-issued"),
        (states.annulment_objected, IN_TERM, "annulled"),
    ],
)
def test_the_sentence_follows_the_fold_and_the_local_day(history: Callable[[], History], now: datetime, status: str) -> None:
    """A permit is valid through its whole last day in WIB, then expired, also before the ledger has entered that."""
    found = of(history(), now)

    assert (found["status"], found["valid"]) == (status, status in VALID)
    assert not {"{since}", "{until}"} & set(str(found["sentence"]).split())


def test_every_state_of_a_permit_has_its_sentence() -> None:
    """No state of the fold is without a word here."""
    assert {"suspended", "revoked", "annulled", "surrendered", "expired"} <= set(SENTENCES)


def test_a_document_from_before_a_transfer_is_said_to_be_superseded() -> None:
    """Who holds an older document learns that the permit has another holder, and nothing about either."""
    found = of(states.transferred(), datetime(2027, 1, 10, tzinfo=UTC))

    notes = {note["note"]: note["text"]["en"] for note in found["notes"]}  # type: ignore[attr-defined]
    assert "superseded" in notes["transferred"]
    assert set(notes) <= set(NOTES)


async def test_page_and_json_say_the_same(get: Get) -> None:
    """Given an issued permit, then its page says in both languages what its JSON says, is small and needs no script."""
    tree = (await get(f"/v/{CODE}.json")).json()
    page = await get(f"/v/{CODE}?lang=en")

    assert page.status_code == 200
    assert tree["sentence"]["id"] in page.text
    assert tree["sentence"]["en"] in page.text
    assert tree["number"] in page.text
    assert "<script" not in page.text
    assert len(page.content) <= PAGE_BYTES_MAX
    assert page.headers["cache-control"].startswith("private")


@pytest.mark.parametrize("code", [OTHER_CODE, "PKY-36BS-2WSW-K54E-G", "<b>"])
async def test_an_unknown_code_is_no_permit(get: Get, code: str) -> None:
    """A code that nobody was given says plainly that there is no permit, as a page; as JSON it is a problem."""
    page, tree = await get(f"/v/{code}"), await get(f"/v/{code}.json")

    assert (page.status_code, tree.status_code) == (404, 404)
    assert SENTENCES["unknown"][0] in page.text
    assert "<b>" not in page.text
