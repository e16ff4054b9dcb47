"""No personal data is anywhere but in its writer's vault: a thousand applicants, and whatever officers write, on a real city."""

import asyncio
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import httpx
import psycopg
import pytest
from aiokafka import AIOKafkaProducer
from psycopg import sql

from deploy.local import kafka, postgres
from deploy.local.layout import Stack
from deploy.local.supervisor import City as LocalCity
from services.cli.client import token
from tests.faults import harness
from tests.personal import places, unwelcome
from tests.personal.canaries import Canaries
from tests.personal.places import Place
from tests.personal.play import APPLICANTS, BY_PEOPLE, ROUNDS_MAX, SAVED, People

pytestmark = pytest.mark.timeout(400)  # some 50 s on a quiet machine
SHOWN_EVERY = 20
REDRIVEN = "verification"


@dataclass(frozen=True)
class Lived:
    """A city in which everything has happened, at rest."""

    people: People
    refused: int
    seconds: float

    @property
    def stack(self) -> Stack:
        """The city."""
        return self.people.stack

    @property
    def canaries(self) -> Canaries:
        """What nobody may find."""
        return self.people.canaries


@pytest.fixture(scope="module")
def lived() -> Iterator[Lived]:
    """Lets a city live: a thousand submissions, officers' work to its end, bad requests, and a service killed while it holds something."""
    with harness.city(traced=True) as local:
        began = time.monotonic()
        people = People(local, Canaries())
        people.settle()
        people.submit_all()
        people.save_drafts()
        people.settle()
        held = next(iter(people.applied))
        hold(local, held)
        refused = unwelcome.write_all(people, held)
        release(people, held)
        for _ in range(ROUNDS_MAX):
            people.settle()
            if not people.act():
                break
        else:
            raise AssertionError("people never had nothing more to do")
        taken = people.take_papers()
        assert all(taken.values()), taken
        yield Lived(people, refused, time.monotonic() - began)
        people.close()


def hold(local: LocalCity, code: str) -> None:
    """Kills a service, which comes back with an application held."""
    with psycopg.connect(postgres.database_url(local.stack, REDRIVEN)) as connection:
        connection.execute(
            "INSERT INTO dead_letters (origin, subject, code, detail, raw) VALUES ('ledger/1', %s, 'held', 'ValueError', '')", (code,)
        )
    local.kill(REDRIVEN)
    harness.settle(local)


def release(people: People, code: str) -> None:
    """Has an operator drive the held application again."""
    operator = token(people.stack, people.canaries.text("operator"), "operator")
    answer = people.keep(people.ask("POST", REDRIVEN, f"/v1/dead-letters/{code}/redrive", operator))
    assert answer.json() == {"subject": code, "solved": True}


def leaks(canaries: Canaries, found: Iterable[Place]) -> dict[str, set[str]]:
    """Returns the places in which a canary stands, with its forms."""
    leaking: dict[str, set[str]] = {}
    for name, blob in found:
        if forms := canaries.found_in(blob):
            leaking.setdefault(name, set()).update(forms)
    return leaking


def shown(people: People) -> list[str]:
    """Returns the applications whose pages are looked at: all that people decided, and some of those that a rule decided."""
    codes = list(people.applied)
    return codes[:BY_PEOPLE] + codes[BY_PEOPLE::SHOWN_EVERY]


def test_no_personal_data_is_anywhere_but_in_its_writers_vault(lived: Lived, capsys: pytest.CaptureFixture[str]) -> None:
    """Given a thousand applicants and officers' notes, when the city has come to rest, then no form of any value is in any file, row, record or answer."""
    people, began = lived.people, time.monotonic()
    answers = places.Answers(lived.stack)
    found = {
        "tables": leaks(lived.canaries, places.tables(lived.stack)),
        "files": leaks(lived.canaries, places.files(lived.stack)),
        "records": leaks(lived.canaries, places.records(lived.stack)),
        "answers": leaks(lived.canaries, [*answers.all(shown(people)), *people.answers]),
    }
    answers.close()
    assert (lived.stack.data / harness.TRACES).stat().st_size > 0
    with capsys.disabled():
        sys.stdout.write(
            f"\n{APPLICANTS} applicants, {sum(people.done.values())} commands of people, {lived.refused} bad requests:"
            f" lived {lived.seconds:.0f} s, searched {time.monotonic() - began:.0f} s\n"
        )
    assert found == {"tables": {}, "files": {}, "records": {}, "answers": {}}


def test_the_values_were_taken_and_are_shown_to_their_owner_alone(lived: Lived) -> None:
    """What was searched for is really there: the file room shows an applicant every field, and the vaults hold each value and each note."""
    people = lived.people
    code, applied = next(iter(people.applied.items()))
    own = people.ask("GET", "intake", f"/v1/applications/{code}/applicant", token(people.stack, people.partner, "applicant"))
    assert own.json()["applicant"] == applied.applicant
    other = people.ask("GET", "intake", f"/v1/applications/{code}/applicant", token(people.stack, "orang lain", "applicant"))
    assert other.json()["code"] == "not-yours"
    kept = {name: harness.query(people.local, name, "SELECT name, sealed FROM vault_values") for name in places.DESKS}
    assert sum(row["name"] == "statement" for row in kept["intake"]) == people.done["lodge-objection"] + people.done.get("lodge-appeal", 0)
    assert sum(row["name"] == "nik" for row in kept["intake"]) == APPLICANTS + SAVED // 3
    assert sum(row["name"] == "draft" for row in kept["intake"]) == SAVED // 3
    subjects = harness.query(people.local, "intake", "SELECT count(*) AS keys FROM vault_keys WHERE subject LIKE 'draft:%'")
    assert subjects[0]["keys"] == SAVED // 3
    assert {"catatan"} <= {row["name"] for row in kept["verification"]} <= {"bukti", "catatan"}
    assert {row["name"] for row in kept["inspection"]} == {"bukti", "catatan", "pengawas"}
    commands = {"complete-review", "issue-recommendation", "schedule-visit", "report-visit", "sign-visit-record", "assess-charge"}
    assert commands | {"confirm-payment", "draft-decision", "issue-permit", "correct"} <= set(people.done)


def test_the_search_finds_what_is_planted_in_each_kind_of_place(lived: Lived) -> None:
    """Given a canary in a log, in rows as text, bytes and JSON, and in a compressed record, when the same search runs, then it finds each."""
    stack, canaries = lived.stack, lived.canaries
    with stack.log("issuance").open("a", encoding="utf-8") as log:
        log.write(canaries.text("kebocoran") + "\n")
    _plant_rows(stack, canaries)
    _plant_record(stack, canaries)
    assert "file logs/issuance.log" in leaks(canaries, places.files(stack, "logs"))
    found = leaks(canaries, places.tables(stack))
    assert set(found) == {f"table tracker.planted_{kind}" for kind in ("text", "bytea", "jsonb", "long", "number", "digest")}
    assert leaks(canaries, places.records(stack)) == {"topic planted": {"plain"}}
    page = httpx.get(f"{stack.url('tracker')}/cari?kode={canaries.slug()}")
    assert leaks(canaries, [("page", places.whole(page))]) == {"page": {"plain"}}


def _plant_rows(stack: Stack, canaries: Canaries) -> None:
    planted = {
        "text": ("text", canaries.text("baris")),
        "bytea": ("bytea", canaries.text("baris").encode()),
        "jsonb": ("jsonb", f'{{"a": ["{canaries.text("baris")}"]}}'),
        # Long enough that PostgreSQL keeps it compressed.
        "long": ("text", "a" * 100_000 + canaries.text("baris")),
        "number": ("bigint", int(canaries.nik(3))),
        "digest": ("bytea", bytes.fromhex(_digest_of(canaries))),
    }
    with psycopg.connect(postgres.database_url(stack, "tracker")) as connection:
        for name, (kind, value) in planted.items():
            table = sql.Identifier(f"planted_{name}")
            connection.execute(sql.SQL("CREATE TABLE {} (value {})").format(table, sql.SQL(kind)))
            connection.execute(sql.SQL("INSERT INTO {} VALUES (%s)").format(table), (value,))


def _digest_of(canaries: Canaries) -> str:
    canaries.nik(4)
    return next(iter(canaries.digests)).hex()


def _plant_record(stack: Stack, canaries: Canaries) -> None:
    async def send() -> None:
        producer = AIOKafkaProducer(compression_type="gzip", **kafka.admin_settings(stack))
        await producer.start()
        try:
            await producer.send_and_wait("planted", canaries.text("pesan").encode() * 3)
        finally:
            await producer.stop()

    with suppress(FileExistsError):
        kafka.add_topic(stack, "planted")
    asyncio.run(send())
