"""The played bank: repeatable, right in its books however its gateway misbehaves, and answering only who signs."""

from datetime import UTC, datetime, timedelta

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.training.bank import HABITS, Bank, compared_at, habit_of, heard_at, payment_of
from deploy.training.gateway import make_gateway
from deploy.training.ticks import tick_at_or_after
from services.treasury.gateway import Code
from services.treasury.notices import Notice
from services.treasury.statement import read_statement
from shared.calendar import Calendar
from shared.signing import sign
from tests.builders import CODE
from tests.strategies import QUICK

CALENDAR = Calendar()
AT = tick_at_or_after(CALENDAR, datetime(2026, 11, 24, tzinfo=UTC))
CHARGE = f"SKPD/{CODE.removeprefix('PKY-')}"
BODY = {"charge": CHARGE, "rupiah": 250_000, "meant": CHARGE}
KEY = b"g" * 32
FAR = timedelta(days=60)
names = st.integers(0, 10_000).map(lambda number: f"1/a/{number}/pay")


def paid(name: str, seed: int = 1) -> Bank:
    """Returns a bank that has taken one payment."""
    bank = Bank(seed)
    bank.pay(BODY, name, AT, CALENDAR, CODE)
    return bank


@QUICK
@given(names)
def test_a_payment_is_taken_once_and_told_as_its_habit_says(name: str) -> None:
    """Asked again the same payment is the same; each habit but the loss tells of it, and every notice with a right signature can be read or is cut."""
    bank = paid(name)
    (payment,) = bank.payments.values()
    bank.pay(BODY, name, AT + timedelta(days=3), CALENDAR, CODE)
    assert list(bank.payments.values()) == [payment] == [payment_of(1, BODY, name, AT)]
    sent = bank.due(AT + FAR)
    assert bank.due(AT + FAR) == []
    good = [sending for sending in sent if not sending.forged and sending.body.endswith(b"}")]
    told = {Notice.model_validate_json(sending.body).receipt for sending in good}
    assert told == (set() if habit_of(1, payment.receipt) == "lost" else {payment.receipt})
    assert all(sending.at >= AT for sending in sent)


@QUICK
@given(names)
def test_the_treasury_hears_of_it_at_a_known_tick(name: str) -> None:
    """The tick at which a payment is recorded is that of its first good notice, or of its day's first comparison if that is lost."""
    bank = paid(name)
    (payment,) = bank.payments.values()
    good = [sending.at for sending in bank.waiting if not sending.forged and sending.body.endswith(b"}")]
    assert heard_at(1, BODY, name, AT, CALENDAR) == (min(good) if good else compared_at(payment.paid_on, CALENDAR))
    assert compared_at(payment.paid_on, CALENDAR) > AT


def test_every_habit_occurs() -> None:
    """Among some hundred payments each way of telling occurs."""
    seen = {habit_of(1, payment_of(1, BODY, f"name {number}", AT).receipt) for number in range(400)}
    assert seen == {habit for habit, _ in HABITS}


def test_a_mistyped_number_becomes_a_treasurers_chore() -> None:
    """Money under a number that was meant to be another is to be assigned to the one that was meant, later, once."""
    bank = Bank(1)
    bank.pay({**BODY, "charge": "SKPD/SALAH"}, "x", AT, CALENDAR, CODE)
    assert bank.chores_due(AT) == []
    (chore,) = bank.chores_due(AT + FAR)
    assert (chore.does, chore.application, chore.charge) == ("assign", CODE, CHARGE)
    assert chore.notice == Notice.model_validate_json(bank.due(AT)[0].body).id
    assert bank.chores_due(AT + FAR) == []


def test_a_statement_has_the_day_whatever_was_told() -> None:
    """The statement of a day has each of its payments once, and can be read as a real one."""
    bank = Bank(1)
    for number in range(50):
        bank.pay(BODY, f"name {number}", AT, CALENDAR, CODE)
    ((day, count),) = bank.days().items()
    assert count == len(bank.payments)
    assert {line.receipt for line in read_statement(bank.statement(day), day)} == set(bank.payments)
    assert read_statement(bank.statement("2026-11-23"), "2026-11-23") == ()


@pytest.mark.parametrize("key", [KEY, b"x" * 32])
async def test_the_gateway_answers_who_signs(key: bytes) -> None:
    """With the shared key a charge gets its code, always the same; with another one nobody gets anything."""
    transport = httpx.ASGITransport(make_gateway(Bank(1), KEY))
    async with httpx.AsyncClient(transport=transport, base_url="http://bank") as client:
        asked = orjson.dumps({"charge": CHARGE, "amount_rupiah": 1})
        answers = [await client.post("/v1/codes", content=asked, headers=sign(key, 1, asked)) for _ in range(2)]
        day = orjson.dumps({"day": "2026-11-24"})
        statement = await client.post("/v1/statements", content=day, headers=sign(key, 1, day))
    if key != KEY:
        assert {answer.status_code for answer in (*answers, statement)} == {401}
        return
    assert Code.model_validate_json(answers[0].content) == Code.model_validate_json(answers[1].content)
    assert read_statement(statement.text, "2026-11-24") == ()
