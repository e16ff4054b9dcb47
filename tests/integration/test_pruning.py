"""What a stage lets go of 30 days after an application's end, what must not be lost with it, and what comes for it later."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from services.issuance.views import project
from shared import events as e
from shared.draft import Draft
from shared.envelope import Entry, decode
from shared.kit import pruning
from shared.kit.kafka import Record
from shared.kit.rebuild import LedgerReader, rebuild
from shared.kit.settings import LEDGER_TOPIC
from shared.kit.stage import LEDGER
from shared.kit.tokens import Actor
from shared.refusals import Refusal
from tests.builders import CODE, OTHER_CODE, REKLAME, SKP, catalogue, make_event, make_line, submission
from tests.integration.minicity import APPLICANT, STAGES, Backup, MiniCity, wait_for
from tests.integration.test_doors import SUBMISSION, client
from tests.integration.test_stage import equal_to_replay, make_code_text, submit

TREASURER = Actor("bendahara", "treasurer", "bpprd")
STAGES_THAT_DROP = tuple(name for name in STAGES if name != "tracker")
WITHDRAWN = Draft(e.ApplicationWithdrawn(reason="berubah-pikiran"))
LATE_PAYMENT = Draft(e.PaymentConfirmed(charge="SKPD/1", receipt="STS/1", amount_rupiah=500_000), "bpprd")


def withdraw(city: MiniCity, code: str = CODE) -> None:
    """Submits an application and takes it back."""
    submit(city, REKLAME, code)
    city.say("intake", code, APPLICANT, WITHDRAWN)
    city.pump()


def dropped(city: MiniCity, code: str = CODE) -> None:
    """Withdraws an application, submits another one, and has every stage drop the first after its time."""
    withdraw(city, code)
    submit(city, REKLAME, OTHER_CODE)
    city.clock.wait(days=30, seconds=1)
    city.drop_ended()


def kept(city: MiniCity, name: str, code: str = CODE) -> tuple[int, int, int]:
    """Returns how many entries, rows and own events a stage holds of an application."""
    tables = {"entries": "subject", "views": "subject", "stage_events": "originator_id"}
    counts = [
        city.stores[name].rows(f"SELECT count(*) AS rows FROM {table} WHERE {column} = %s", (code,))[0]["rows"]  # noqa: S608 - constants
        for table, column in tables.items()
    ]
    return counts[0], counts[1], counts[2]


def test_what_ended_is_dropped_after_its_time_and_the_rest_stays(minicity: MiniCity) -> None:
    """Given an ended and an open application, when 30 days have passed, then stages keep the open one; ledger and tracker keep all."""
    withdraw(minicity)
    submit(minicity, REKLAME, OTHER_CODE)
    before = {name: kept(minicity, name, OTHER_CODE) for name in STAGES}
    minicity.clock.wait(days=29, hours=23)
    assert minicity.drop_ended() == {}
    minicity.clock.wait(hours=2)
    assert minicity.drop_ended() == dict.fromkeys(STAGES_THAT_DROP, 1)
    assert {kept(minicity, name) for name in STAGES_THAT_DROP} == {(0, 0, 0)}
    assert {name: kept(minicity, name, OTHER_CODE) for name in STAGES} == before
    assert kept(minicity, "tracker")[:2] == (len(minicity.entries(CODE)), 1)
    assert minicity.drop_ended() == {}


def test_no_position_is_given_twice(minicity: MiniCity) -> None:
    """Given a stage that has dropped, when it says more and is opened anew, then its positions go on where they stood."""
    withdraw(minicity)
    stage = minicity.stages["intake"]
    head, position = stage.store.head(), stage.position
    minicity.clock.wait(days=31)
    assert minicity.drop_ended("intake") == {}, "the store's last event keeps its application, for its position"
    submit(minicity, REKLAME, OTHER_CODE)
    assert minicity.drop_ended("intake") == {"intake": 1}
    minicity.stores["intake"].close()
    reopened = minicity.open_stage("intake")
    assert (reopened.store.head(), reopened.position > position) == (head + 2, True)
    assert [event.position for event in reopened.store.after(0, 100)] == [head + 1, head + 2]


def test_what_is_not_published_stays(minicity: MiniCity) -> None:
    """Given an ended application, when the relay has not saved that its events are published, then it is not dropped."""
    withdraw(minicity)
    submit(minicity, REKLAME, OTHER_CODE)
    minicity.clock.wait(days=31)
    assert minicity.stages["intake"].drop_ended() == 0


def test_what_is_not_entered_stays(minicity: MiniCity) -> None:
    """Given an ended application, when the stage has said something there that the ledger has not entered, then it is not dropped."""
    withdraw(minicity)
    minicity.say("treasury", CODE, TREASURER, LATE_PAYMENT)
    # One more event, so that the payment is not the last one of the store.
    minicity.say("treasury", OTHER_CODE, APPLICANT, Draft(submission(catalogue()[REKLAME])))
    minicity.clock.wait(days=31)
    assert minicity.drop_ended("treasury") == {}
    assert minicity.drop_ended("verification") == {"verification": 1}


def test_what_is_held_stays(minicity: MiniCity) -> None:
    """Given an ended application that a service holds, when its time is over, then it stays until an operator has driven it again."""
    withdraw(minicity)
    stage = minicity.stages["verification"]
    with stage.store.transaction() as cursor:
        cursor.execute("INSERT INTO dead_letters (origin, subject, code, detail, raw) VALUES ('x', %s, 'held', '', '')", (CODE,))
    stage.load()
    minicity.clock.wait(days=31)
    assert minicity.drop_ended("verification") == {}
    assert stage.redrive(CODE)
    assert minicity.drop_ended("verification") == {"verification": 1}


def test_a_late_payment_brings_the_application_back(minicity: MiniCity) -> None:
    """Given a dropped application, when money arrives for it, then every stage has its history again, equal to its replay, and drops it later."""
    dropped(minicity)
    with pytest.raises(Refusal, match="unknown-code"):
        minicity.say("treasury", CODE, TREASURER, LATE_PAYMENT)
    wait_for(minicity.inboxes["treasury"].recall(CODE))
    minicity.say("treasury", CODE, TREASURER, LATE_PAYMENT)
    minicity.pump()
    assert minicity.names(CODE)[-1] == "payment.confirmed"
    assert {kept(minicity, name)[0] for name in STAGES} == {len(minicity.entries(CODE))}
    assert all(equal_to_replay(minicity, name) for name in STAGES if name != "catalogue")
    assert {stage.case(CODE).remedies[0].rupiah for stage in minicity.stages.values()} == {500_000}
    assert minicity.drop_ended() == {}
    minicity.clock.wait(days=31)
    minicity.drop_ended()
    assert {kept(minicity, name) for name in ("verification", "inspection", "catalogue")} == {(0, 0, 0)}


def test_own_numbers_go_on(minicity: MiniCity) -> None:
    """Given intake's own two events dropped, when it says something more there, then that is its third."""
    dropped(minicity)
    wait_for(minicity.inboxes["intake"].recall(CODE))
    again = minicity.say("intake", OTHER_CODE, APPLICANT, WITHDRAWN)
    assert again == (f"{OTHER_CODE}/intake/3",)
    number = minicity.stages["intake"]._subjects.get(CODE, minicity.city.sops).number
    assert number == max(entry.event.number for entry in minicity.entries(CODE) if entry.event.sender == "intake") == 3


async def test_a_command_for_a_dropped_application_is_answered_as_before(minicity: MiniCity) -> None:
    """Given a dropped application, when somebody withdraws it, asks for it or types another code, then the answer is what it always was."""
    dropped(minicity)
    async with client(minicity, "intake", APPLICANT) as doors:
        late = await doors.post(f"/v1/applications/{CODE}/withdraw", content=b"{}", headers={"idempotency-key": "late"})
        shown = await doors.get(f"/v1/applications/{CODE}")
        unknown = await doors.get(f"/v1/applications/{make_code_text(3)}")
    assert (late.status_code, late.json()["code"]) == (409, "already-withdrawn")
    assert (shown.status_code, shown.json()["case"]["outcome"]) == (200, "withdrawn")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-code")
    assert minicity.drop_ended("intake") == {"intake": 1}, "what was only looked at goes again at once"


async def test_without_the_ledger_a_dropped_application_cannot_be_told_from_an_unknown_one(minicity: MiniCity) -> None:
    """Given a ledger that does not answer, when somebody asks for a dropped application, then the answer says so and to try again."""
    dropped(minicity)
    with unreachable(minicity, "intake"):
        async with client(minicity, "intake", APPLICANT) as doors:
            answer = await doors.get(f"/v1/applications/{CODE}")
    assert (answer.status_code, answer.json()["code"]) == (503, "ledger-unreachable")


@contextmanager
def unreachable(city: MiniCity, name: str) -> Iterator[None]:
    """Has a deployment's feed fail while the block lasts."""

    async def fails(_code: str) -> list[Entry]:
        raise httpx.ConnectError("nobody listens")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(city.inboxes[name]._feed, "application", fails)
        yield


async def test_outcomes_and_the_applicants_data_outlive_the_entries(minicity: MiniCity) -> None:
    """Given a submission through the door that was dropped since, then its outcome, the answer under its key and the file room are as before."""
    async with client(minicity, "intake", APPLICANT) as doors:
        first = (await doors.post("/v1/applications", json=SUBMISSION, headers={"idempotency-key": "k"})).json()
        code = first["application"]
        minicity.pump()
        before = (await doors.get(f"/v1/outcomes/{first['events'][0]}")).json()
        submit(minicity, REKLAME, OTHER_CODE)
        minicity.clock.wait(days=31)
        minicity.drop_ended("intake")
        assert kept(minicity, "intake", code) == (0, 0, 0)
        after = (await doors.get(f"/v1/outcomes/{first['events'][0]}")).json()
        minicity.drop_ended("intake")
        again = (await doors.post("/v1/applications", json=SUBMISSION, headers={"idempotency-key": "k"})).json()
        minicity.drop_ended("intake")
        room = (await doors.get(f"/v1/applications/{code}/applicant")).json()
    assert before == after == {**again, "repeated": False, "events": first["events"][:1]}
    assert (again["status"], again["position"] > 0, again["repeated"]) == ("entered", True, True)
    assert room["applicant"]["nik"] == SUBMISSION["applicant"]["nik"]


def test_a_permit_in_force_stays_with_issuance(minicity: MiniCity) -> None:
    """Given a permit of a year, when 30 days have passed, then issuance alone among the stages keeps it, until 30 days after its last day."""
    submit(minicity, SKP)
    submit(minicity, SKP, OTHER_CODE)
    minicity.clock.wait(days=31)
    assert set(minicity.drop_ended()) == {"catalogue", "intake", "verification", "inspection", "treasury"}
    assert kept(minicity, "issuance")[0] == len(minicity.entries(CODE))
    minicity.clock.wait(days=365)
    assert minicity.drop_ended("issuance") == {"issuance": 1}


def test_an_older_backup_does_not_bring_dropped_ones_back_for_ever(minicity: MiniCity) -> None:
    """Given a backup from before a drop, when it is restored and catches up, then it recovers everything and drops what is over again."""
    submit(minicity, REKLAME)
    backup = Backup(minicity, "intake")
    minicity.pump()
    minicity.say("intake", CODE, APPLICANT, WITHDRAWN)
    minicity.pump()
    submit(minicity, REKLAME, OTHER_CODE)
    minicity.clock.wait(days=31)
    assert minicity.drop_ended("intake") == {"intake": 1}
    head = minicity.stores["intake"].head()
    backup.restore()
    wait_for(minicity.inboxes["intake"].catch_up())
    assert minicity.stores["intake"].head() == head
    assert minicity.drop_ended("intake") == {"intake": 1}
    assert kept(minicity, "intake") == (0, 0, 0)
    assert equal_to_replay_but(minicity, "intake", CODE)


def equal_to_replay_but(city: MiniCity, name: str, code: str) -> bool:
    """Says whether a deployment shows every application as its replay does, except one that it must not show."""
    wait_for(city.inboxes[name].recall(code))
    return equal_to_replay(city, name)


def test_a_backup_from_after_a_drop_takes_back_what_it_lacks(minicity: MiniCity) -> None:
    """Given a backup in which an application is dropped, when something came for it later, then the restored stage has it whole."""
    dropped(minicity)
    backup = Backup(minicity, "treasury")
    wait_for(minicity.inboxes["treasury"].recall(CODE))
    minicity.say("treasury", CODE, TREASURER, LATE_PAYMENT)
    minicity.pump()
    backup.restore()
    wait_for(minicity.inboxes["treasury"].catch_up())
    assert equal_to_replay(minicity, "treasury")
    assert [decode(event.raw).data.NAME for event in minicity.stores["treasury"].stream(CODE)] == ["payment.confirmed"]


def test_a_rebuild_leaves_dropped_applications_dropped(minicity: MiniCity) -> None:
    """Given a stage that has dropped an application, when its views are rebuilt, then nothing differs and the dropped row stays away."""
    dropped(minicity)
    reader = Reader(minicity)
    done = rebuild(minicity.url("issuance"), project, reader, lambda _at, _goal: None)
    assert (done.equal, done.rows) == (True, 1)
    assert set(minicity.views("issuance")) == {OTHER_CODE}


class Reader(LedgerReader):
    """The ledger's feed for a command, without HTTP."""

    def __init__(self, city: MiniCity) -> None:
        self._city = city

    def between(self, after: int, until: int) -> Iterator[list[Entry]]:
        """Yields the entries between two positions."""
        if after < until:
            yield [entry for entry in self._city.entries() if after < entry.stamp.position <= until]


def test_a_batch_is_small(minicity: MiniCity, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given three applications to drop and batches of two, then the first batch takes two and the second the last one."""
    monkeypatch.setattr(pruning, "DROPPED_AT_ONCE", 2)
    for number in range(3):
        withdraw(minicity, make_code_text(number))
    minicity.clock.wait(days=31)
    stage = minicity.stages["verification"]
    assert [stage.drop_ended() for _ in range(3)] == [2, 1, 0]


def test_a_history_that_the_ledger_lacks_stops_the_stage(minicity: MiniCity) -> None:
    """Given an entry in the middle of an application that neither stage nor ledger knows, when it comes, then the inbox stands still and says so."""
    submit(minicity)
    stage, inbox = minicity.stages["intake"], minicity.inboxes["intake"]
    line = make_line(make_event(WITHDRAWN.data, sender="intake", number=3, subject=OTHER_CODE), stage.position + 1, 3)
    wait_for(inbox.receive([Record(LEDGER_TOPIC, 999, line.raw)]))
    assert "does not have the beginning" in inbox.stopped_at
    assert stage.store.tracked(LEDGER) == stage.position
