"""What the ledger does with what arrives: enter, refuse, reject, drop, hold; and what it says by its own clock."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import orjson
import pytest

from deploy.local import postgres
from deploy.local.environment import read_environment
from deploy.local.supervisor import City as LocalCity
from services.cli.client import token
from services.ledger import domain as judge
from services.ledger import senders
from services.tracker.past import KEPT_MAX, NEWEST, Past
from shared import events as e
from shared.case import Case
from shared.draft import Draft
from shared.envelope import ContractError, canonical, encode
from shared.fields import to_timestamp
from shared.kit.clock import SystemClock
from shared.kit.kafka import Record
from shared.kit.ledger import Ledger
from shared.kit.settings import load_settings, topic_of
from shared.kit.store import HeadMoved, Store
from shared.kit.telemetry import Metrics
from shared.kit.tokens import Actor
from shared.refusals import Refusal
from tests.builders import CODE, COMMITMENT, OTHER_CODE, PBG, REKLAME, SKP, catalogue, make_event, submission
from tests.faults import harness
from tests.faults.harness import until
from tests.integration.minicity import APPLICANT, MiniCity


def submit(city: MiniCity, sop: str = REKLAME, code: str = CODE) -> None:
    """Submits an application and lets the city settle."""
    city.say("intake", code, APPLICANT, Draft(submission(catalogue()[sop])))
    city.pump()


def person(local: LocalCity, key: str) -> dict[str, str]:
    """Returns the headers of an applicant's command."""
    return {"authorization": f"Bearer {token(local.stack, 'pemohon', 'applicant')}", "idempotency-key": key}


def raw_event(city: MiniCity, data: e.Data, sender: str, number: int, **fields: object) -> bytes:
    """Returns the bytes of an event said now."""
    return encode(make_event(data, sender=sender, number=number, time=to_timestamp(city.clock.now()), **fields))


def test_a_rule_run_application_goes_through_all_stages(minicity: MiniCity) -> None:
    """Given a research letter without a sensitive topic, when it is submitted, then rules alone carry it to the permit."""
    submit(minicity, SKP)
    assert minicity.names(CODE)[:2] == ["application.submitted", "application.completed"]
    assert set(minicity.names(CODE)[2:4]) == {"review.completed", "audit.drawn"}
    assert minicity.names(CODE)[4:] == ["permit.issued"]
    assert {minicity.views(name)[CODE]["outcome"] for name in ("intake", "verification", "inspection", "issuance", "tracker")} == {"issued"}


def test_the_tracker_hears_of_ends_and_finds_them_again(minicity: MiniCity) -> None:
    """Given a listener, when an application has ended, then its case is told after the commit, and a starting tracker's statement finds it."""
    tracker, heard = minicity.stages["tracker"], list[Case]()
    tracker.on_cases = heard.extend
    submit(minicity, SKP)
    submit(minicity, PBG, code=OTHER_CODE)
    assert {(case.code, case.outcome) for case in heard} >= {(CODE, "issued"), (OTHER_CODE, "")}
    assert [row["subject"] for row in tracker.store.rows(NEWEST, (SKP, KEPT_MAX))] == [CODE]
    assert tracker.store.rows(NEWEST, (PBG, KEPT_MAX)) == []
    Past().attach(minicity.open_stage("tracker"))


def test_a_repeat_is_dropped_and_counted(minicity: MiniCity) -> None:
    """Given an entered event, when the same bytes come again, then no entry is made and the repeat is counted."""
    submit(minicity)
    before = minicity.ledger.head
    topic = minicity.topics["intake"]
    topic.append(topic[0])
    minicity.pump()
    assert minicity.ledger.head == before
    assert minicity.ledger.metrics.repeats._value.get() == 1
    assert minicity.letters("ledger") == []


def test_a_ledger_that_was_overtaken_enters_nothing_more(minicity: MiniCity) -> None:
    """Given two ledgers on one database, when the second has appended, then the first says so, enters nothing, and one opened anew goes on."""
    submit(minicity)
    first, told = minicity.ledger, list[HeadMoved]()
    first.on_head_moved = told.append
    second = minicity.open_ledger()
    second.say("sender:tamu", e.SenderRegistered(name="tamu", stage="intake", agencies=("dlh",)))
    minicity.say("intake", CODE, APPLICANT, Draft(e.ApplicationWithdrawn(reason="berubah-pikiran")))
    record = Record(topic_of("intake"), second.topic_offset(topic_of("intake")), minicity.topics["intake"][-1])
    for _ in range(2):
        with pytest.raises(HeadMoved, match="Somebody else appended"):
            first.ingest([record])
    assert [str(moved) for moved in told] == [str(HeadMoved(first.head, second.head))] * 2
    assert minicity.ledger.store.head() == second.head
    first.store.close()
    minicity.pump()
    assert minicity.names(CODE)[-1] == "application.withdrawn"


def test_an_overtaken_ledger_process_ends_and_is_started_anew(real_city: LocalCity) -> None:
    """Given a running city, when somebody else appends to the ledger's database, then its process ends with a sentence and a new one goes on."""
    stack, exits = real_city.stack, real_city.exits("ledger")
    child = real_city._children["ledger"]
    store = Store(postgres.database_url(stack, "ledger"), "ledger")
    other = Ledger(store, judge, load_settings(read_environment(stack.env_file("ledger"))).city, SystemClock(), Metrics(), subjects_max=100)
    other.load()
    other.say("contract:1", e.ContractRaised(contract=1))
    store.close()
    until(lambda: harness.taken(f"{stack.url('intake')}/v1/applications", harness.submission(1), person(real_city, "overtaken")))
    until(lambda: child.poll() is not None)
    assert child.returncode == 1
    lines = stack.log("ledger").read_text(encoding="utf-8").splitlines()
    assert any("the process gives up" in line and "Somebody else appended" in line for line in lines)
    assert not any("Traceback" in line for line in lines[-50:] if "HeadMoved" in line)
    harness.settle(real_city)
    assert real_city.exits("ledger") == exits + 1


def test_a_used_number_with_other_bytes_is_rejected(minicity: MiniCity) -> None:
    """Given an entered event, when its number comes with other bytes, then it is a dead letter `number-taken` and nothing changes."""
    submit(minicity)
    before = minicity.ledger.head
    minicity.topics["intake"].append(
        raw_event(minicity, e.ApplicationWithdrawn(reason="x"), "intake", 1, role="applicant", authid="A" * 43)
    )
    minicity.pump()
    assert minicity.ledger.head == before
    assert [code for _, code in minicity.letters("ledger")] == ["number-taken"]


def test_a_gap_is_held_until_the_missing_number_comes(minicity: MiniCity) -> None:
    """Given number 3 before number 2, when 2 comes at last, then both are entered in the sender's order."""
    submit(minicity)
    second = raw_event(minicity, e.PaymentConfirmed(charge="SKPD/1", receipt="STS/2", amount_rupiah=2), "treasury", 2, agency="bpprd")
    first = raw_event(minicity, e.PaymentConfirmed(charge="SKPD/1", receipt="STS/1", amount_rupiah=1), "treasury", 1, agency="bpprd")
    minicity.topics["treasury"].append(second)
    minicity.pump()
    assert "payment.confirmed" not in minicity.names(CODE)
    assert minicity.open_ledger().head == minicity.entries()[-1].stamp.position
    minicity.topics["treasury"].append(first)
    minicity.pump()
    paid = [entry.event.data.receipt for entry in minicity.entries(CODE) if isinstance(entry.event.data, e.PaymentConfirmed)]
    assert paid == ["STS/1", "STS/2"]
    assert minicity.stores["ledger"].rows("SELECT count(*) AS held FROM held_events")[0]["held"] == 0


def test_an_operator_gives_up_a_number_that_never_arrives(minicity: MiniCity) -> None:
    """Given a held number 2, when an operator skips number 1, then the skip is an entry and number 2 is judged."""
    submit(minicity)
    minicity.topics["treasury"].append(
        raw_event(minicity, e.PaymentConfirmed(charge="SKPD/1", receipt="STS/2", amount_rupiah=2), "treasury", 2)
    )
    minicity.pump()
    minicity.ledger.skip_number(CODE, "treasury", 1)
    minicity.pump()
    assert minicity.names(CODE)[-2:] == ["number.skipped", "payment.confirmed"]


def test_a_number_is_given_up_only_while_something_waits_behind_it(minicity: MiniCity) -> None:
    """Given a sender that has sent everything, when an operator skips its next number, then it is refused: that number may yet be used."""
    submit(minicity)
    with pytest.raises(ContractError, match="does not wait"):
        minicity.ledger.skip_number(CODE, "treasury", 1)
    assert "number.skipped" not in minicity.names(CODE)


def test_a_revoked_sender_is_heard_no_more(minicity: MiniCity) -> None:
    """Given a revoked sender, when its event comes, then it is a dead letter; restored, its next event is entered."""
    submit(minicity)
    minicity.ledger.decide("sender:treasury", partial(senders.revoked, name="treasury"))
    paid = e.PaymentConfirmed(charge="SKPD/1", receipt="STS/1", amount_rupiah=1)
    minicity.topics["treasury"].append(raw_event(minicity, paid, "treasury", 1))
    minicity.pump()
    assert "payment.confirmed" not in minicity.names(CODE)
    assert minicity.stores["ledger"].rows("SELECT code FROM dead_letters")[-1]["code"] == "unknown-sender"
    with pytest.raises(Refusal, match="sender-not-registered"):
        minicity.ledger.decide("sender:treasury", partial(senders.revoked, name="treasury"))
    minicity.ledger.decide("sender:treasury", partial(senders.restored, name="treasury"))
    with pytest.raises(Refusal, match="sender-not-revoked"):
        minicity.ledger.decide("sender:treasury", partial(senders.restored, name="treasury"))
    minicity.topics["treasury"].append(raw_event(minicity, paid, "treasury", 1))
    minicity.pump()
    assert minicity.names(CODE)[-1] == "payment.confirmed"


REJECTED: list[tuple[str, Callable[[MiniCity], tuple[str, bytes]]]] = [
    ("not-json", lambda _: ("intake", b"\xff\x00{")),
    ("not-json", lambda _: ("intake", b"")),
    ("not-canonical", lambda c: ("intake", b" " + raw_event(c, e.ApplicationWithdrawn(reason="x"), "intake", 3))),
    ("wrong-topic", lambda c: ("verification", raw_event(c, e.ApplicationWithdrawn(reason="x"), "intake", 3))),
    ("wrong-stage", lambda c: ("intake", raw_event(c, e.PaymentConfirmed(charge="SKPD/1", receipt="STS/1", amount_rupiah=1), "intake", 3))),
    (
        "wrong-city",
        lambda c: (
            "intake",
            canonical({**orjson.loads(raw_event(c, e.ApplicationWithdrawn(reason="x"), "intake", 3)), "source": "/elsewhere/intake"}),
        ),
    ),
    ("unknown-sender", lambda c: ("stranger", raw_event(c, e.ApplicationWithdrawn(reason="x"), "stranger", 1))),
    (
        "unknown-subject",
        lambda c: ("intake", raw_event(c, e.ApplicationWithdrawn(reason="x"), "intake", 1, subject="PKY-F8XS-9HEJ-W7W0-0")),
    ),
    (
        "unknown-event-version",
        lambda c: ("intake", raw_event(c, e.ApplicationWithdrawn(reason="x"), "intake", 3).replace(b"withdrawn.v1", b"withdrawn.v9")),
    ),
    ("too-large", lambda _: ("intake", b'{"a":"' + b"x" * 60_000 + b'"}')),
]


@pytest.mark.parametrize(("code", "make"), REJECTED, ids=[f"{index}-{code}" for index, (code, _) in enumerate(REJECTED)])
def test_what_is_not_authentic_becomes_a_dead_letter(minicity: MiniCity, code: str, make: Callable[[MiniCity], tuple[str, bytes]]) -> None:
    """Given a running application, when bytes arrive that are no event of their sender, then they get a code, no position, and stop nobody."""
    submit(minicity)
    before = minicity.ledger.head
    topic, value = make(minicity)
    minicity.ledger.ingest([Record(topic_of(topic), 10_000, value)])
    assert [letter for _, letter in minicity.letters("ledger")] == [code]
    assert minicity.ledger.head == before
    minicity.ledger.ingest([Record(topic_of(topic), 10_000, value)])
    assert len(minicity.letters("ledger")) == 1


def test_a_decision_from_far_in_the_future_is_refused(minicity: MiniCity) -> None:
    """Given a sender whose clock runs two days ahead, when it decides, then the decision is entered as refused `clock-far-off`."""
    submit(minicity)
    late = to_timestamp(minicity.clock.now() + timedelta(days=2))
    event = make_event(e.ApplicationWithdrawn(reason="x"), sender="intake", number=3, basis=1, time=late, role="applicant", authid="A" * 43)
    minicity.topics["intake"].append(encode(event))
    minicity.pump()
    assert minicity.names(CODE)[-1] == "application.withdrawn (clock-far-off)"


def test_first_in_the_ledger_wins(minicity: MiniCity) -> None:
    """Given a withdrawal that the stage took before it knew of the permit, when the permit was entered first, then it is refused `already-issued`."""
    minicity.say("intake", CODE, APPLICANT, Draft(submission(catalogue()[SKP])))
    minicity.pump("verification", "inspection", "issuance")
    assert minicity.names(CODE)[-1] == "permit.issued"
    minicity.say("intake", CODE, APPLICANT, Draft(e.ApplicationWithdrawn(reason="berubah-pikiran")))
    minicity.pump()
    assert minicity.names(CODE)[-1] == "application.withdrawn (already-issued)"
    assert minicity.views("tracker")[CODE]["outcome"] == "issued"


def test_the_clock_notices_what_officers_would_not_report(minicity: MiniCity) -> None:
    """Given a review that nobody does, when its target passes, then the ledger says `deadline.missed`, once, at its own time."""
    submit(minicity, REKLAME)
    minicity.clock.wait(days=10)
    said = minicity.ledger.tick(minicity.clock.now())
    minicity.pump()
    missed = [entry.event.data for entry in minicity.entries(CODE) if isinstance(entry.event.data, e.DeadlineMissed)]
    told = [entry.event.data.level for entry in minicity.entries(CODE) if isinstance(entry.event.data, e.DeadlineEscalated)]
    assert len(missed) == 2
    assert said == len(missed) + len(told)
    assert set(told) == {1}
    assert {(item.step, item.agency, item.party) for item in missed} == {
        ("struktur-ruang", "pupr", "agency"),
        ("lalin", "dishub", "agency"),
    }
    assert minicity.ledger.tick(minicity.clock.now()) == 0


def test_silence_of_the_agencies_grants_the_permit(minicity: MiniCity) -> None:
    """Given a sensitive research letter that no officer reviews, when the legal limit passes, then it is deemed granted with a number."""
    declared = {"topik-sensitif": True, "lama-bulan": 3}
    minicity.say("intake", CODE, APPLICANT, Draft(submission(catalogue()[SKP], declared)))
    minicity.pump()
    minicity.clock.wait(days=20)
    minicity.ledger.tick(minicity.clock.now())
    minicity.pump()
    assert minicity.names(CODE)[-1] == "permit.deemed-granted"
    assert minicity.views("tracker")[CODE]["outcome"] == "deemed-granted"


def test_completeness_is_deemed_when_intake_is_silent(make_minicity: Callable[..., MiniCity]) -> None:
    """Given an intake that never declares completeness, when a working day has passed, then the ledger says it is deemed complete."""
    city = make_minicity()
    city.stages["intake"].reacting = False
    submit(city, PBG)
    city.clock.wait(days=4)
    city.ledger.tick(city.clock.now())
    assert "application.deemed-complete" in city.names(CODE)


def test_an_unpaid_charge_closes_the_application_after_its_announced_date(minicity: MiniCity) -> None:
    """Given a charge nobody pays, when its date passes, then the ledger says so and intake closes the application."""
    submit(minicity, REKLAME)
    for step in ("struktur-ruang", "lalin"):
        agency = catalogue()[REKLAME].step_by_code[step].agency
        officer = _officer(agency)
        minicity.say("verification", CODE, officer, Draft(e.ReviewCompleted(step=step, round=1, result="passed")))
        minicity.pump()
    letter = e.VisitScheduled(step="lapangan", visit=1, date="2026-11-25", agencies=("pupr", "dishub"), assignment_letter="ST/1")
    minicity.say("inspection", CODE, _officer("pupr"), Draft(letter))
    minicity.say(
        "inspection", CODE, _officer("pupr"), Draft(e.VisitReported(step="lapangan", visit=1, result="passed", evidence=(COMMITMENT,)))
    )
    for agency in ("pupr", "dishub"):
        minicity.say("inspection", CODE, _officer(agency), Draft(e.VisitRecordSigned(step="lapangan", visit=1)))
    minicity.pump()
    minicity.say(
        "issuance", CODE, _officer("bpprd"), Draft(e.ChargeAssessed(step="skpd", number="SKPD/1", basis="tax", amount_rupiah=500_000))
    )
    minicity.pump()
    minicity.clock.wait(days=30)
    minicity.ledger.tick(minicity.clock.now())
    minicity.pump()
    assert minicity.names(CODE)[-2:] == ["deadline.missed", "application.closed"]
    minicity.say(
        "treasury",
        CODE,
        _officer("bpprd", "treasurer"),
        Draft(e.PaymentConfirmed(charge="SKPD/1", receipt="STS/1", amount_rupiah=500_000), "bpprd"),
    )
    minicity.pump()
    assert minicity.names(CODE)[-1] == "payment.confirmed"
    remedies = [(item.kind, item.rupiah) for item in minicity.stages["tracker"].case(CODE).remedies]
    assert remedies == [("refund", 500_000)]


def _officer(agency: str, role: str = "officer") -> Actor:
    return Actor(f"petugas-{agency}", role, agency)
