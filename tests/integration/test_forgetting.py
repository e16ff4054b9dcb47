"""Erasing the personal data behind an application: who may, when not, in every vault, and in a restored backup before its doors open."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from deploy.local import postgres
from deploy.local.environment import read_environment
from deploy.local.supervisor import City as LocalCity
from services.cli.client import token
from shared import envelope
from shared import events as e
from shared.draft import Draft
from shared.envelope import encode
from shared.kit.kafka import Record
from shared.kit.settings import load_settings, read_key, topic_of
from shared.kit.store import Store
from shared.kit.tokens import Actor
from shared.kit.vault import Vault
from shared.refusals import Refusal
from shared.sop.checks.personal import DATA_PROTECTION_ROLE
from tests.builders import make_event
from tests.faults.harness import settle, submission, until
from tests.integration.minicity import APPLICANT, Backup, MiniCity, wait_for
from tests.integration.test_doors import SUBMISSION, client

OFFICER = Actor("pejabat-pdp", DATA_PROTECTION_ROLE, "dpmptsp")
SENSITIVE = {**SUBMISSION, "facts": {"topik-sensitif": True, "lama-bulan": 6}}
WITHDRAWN = Draft(e.ApplicationWithdrawn(reason="berubah-pikiran"))
FORGET = e.SubjectForgotten(reason="retention-ended")


async def knock(city: MiniCity, code: str, door: str, body: dict[str, Any], actor: Actor = OFFICER, key: str = "") -> httpx.Response:
    """Knocks at one of intake's doors, and lets the city settle."""
    async with client(city, "intake", actor) as doors:
        answer = await doors.post(f"/v1/applications/{code}/{door}", json=body, headers={"idempotency-key": key or f"{door}{body}"})
    city.pump()
    return answer


async def submitted(city: MiniCity, body: dict[str, Any] = SENSITIVE) -> str:
    """Submits an application with an applicant's data through the door, and has verification keep a note of an officer on it."""
    async with client(city, "intake", APPLICANT) as doors:
        code = str((await doors.post("/v1/applications", json=body, headers={"idempotency-key": "k"})).json()["application"])
    city.pump()
    stage = city.stages["verification"]
    assert stage.vault is not None
    committed, disclosed = stage.vault.commit("catatan", "KTP buram")
    with stage.store.transaction() as cursor:
        stage.vault.keep(cursor, [(code, "catatan", committed, disclosed)])
    return code


async def ended(city: MiniCity) -> str:
    """Submits an application and takes it back."""
    code = await submitted(city)
    city.say("intake", code, APPLICANT, WITHDRAWN)
    city.pump()
    return code


def values(city: MiniCity, name: str, code: str) -> set[str]:
    """Returns what a deployment's vault can still read of an application."""
    vault = city.stages[name].vault
    assert vault is not None
    return {value for _, value in vault.read(code).values()}


async def test_every_vault_forgets_and_the_history_stays(minicity: MiniCity) -> None:
    """Given an ended application, when it is forgotten, then no vault opens a value, no entry changes, and the case says since when."""
    code = await ended(minicity)
    before = [entry.raw for entry in minicity.entries(code)]
    assert "6271010101010001" in values(minicity, "intake", code)
    answer = await knock(minicity, code, "forget", {"reason": "retention-ended"})
    assert answer.status_code == 202
    assert values(minicity, "intake", code) == values(minicity, "verification", code) == set()
    for name in ("intake", "verification"):
        kept = "SELECT (SELECT count(*) FROM vault_keys) + (SELECT count(*) FROM vault_values) AS kept"
        assert minicity.stores[name].rows(kept)[0]["kept"] == 0
    entries = minicity.entries(code)
    assert [entry.raw for entry in entries[:-1]] == before
    assert {stage.case(code).forgotten_at for stage in minicity.stages.values()} == {entries[-1].stamp.recordedtime}
    assert minicity.views("tracker")[code]["forgotten_at"] == entries[-1].stamp.recordedtime


async def test_what_the_file_room_and_an_old_key_say_afterwards(minicity: MiniCity) -> None:
    """Given a forgotten application, when the file room is asked or its submission repeated, then nothing is shown, stored or entered anew."""
    code = await ended(minicity)
    await knock(minicity, code, "forget", {"reason": "applicant-request"})
    async with client(minicity, "intake", APPLICANT) as doors:
        room = await doors.get(f"/v1/applications/{code}/applicant")
        again = await doors.post("/v1/applications", json=SENSITIVE, headers={"idempotency-key": "k"})
    assert (room.status_code, room.json()["code"]) == (410, "already-forgotten")
    assert (again.status_code, again.json()["application"], again.json()["repeated"]) == (202, code, True)
    assert minicity.stores["intake"].rows("SELECT count(*) AS looks FROM disclosures_shown")[0]["looks"] == 0


async def test_the_same_command_again_is_answered_the_same(minicity: MiniCity) -> None:
    """Given an erasure, when its key comes again, then the answer is the same; with another key it is refused and says what remains."""
    code = await ended(minicity)
    first = await knock(minicity, code, "forget", {"reason": "applicant-request"}, key="once")
    again = await knock(minicity, code, "forget", {"reason": "applicant-request"}, key="once")
    other = await knock(minicity, code, "forget", {"reason": "applicant-request"}, key="other")
    assert (first.json()["events"], first.json()["repeated"]) == (again.json()["events"], False)
    assert (again.json()["status"], again.json()["repeated"]) == ("entered", True)
    assert (other.status_code, other.json()["code"]) == (410, "already-forgotten")


async def test_what_is_still_needed_is_kept_and_says_what_to_do(minicity: MiniCity) -> None:
    """Given an open application, one under a hold and one with a permit, when they should be forgotten, then each refusal says what comes first."""
    code = await submitted(minicity)
    assert (await knock(minicity, code, "forget", {"reason": "applicant-request"})).json()["code"] == "still-open"
    assert (await knock(minicity, code, "place-legal-hold", {"number": "PN/2026/12", "reason": "court"})).status_code == 202
    minicity.say("intake", code, APPLICANT, WITHDRAWN)
    minicity.pump()
    held = await knock(minicity, code, "forget", {"reason": "retention-ended"})
    assert (held.status_code, held.json()["code"]) == (409, "legal-hold")
    assert "Cabut dulu semua penangguhan" in held.json()["detail"]
    assert values(minicity, "intake", code)
    assert (await knock(minicity, code, "lift-legal-hold", {"number": "PN/2026/12"})).status_code == 202
    assert (await knock(minicity, code, "forget", {"reason": "retention-ended"}, key="later")).status_code == 202
    assert values(minicity, "intake", code) == set()


async def test_the_holder_of_a_permit_is_forgotten_after_it(minicity: MiniCity) -> None:
    """Given a permit of a year, when it is in force, then its data is kept; when it is over and dropped by the stages, it is erased."""
    code = await submitted(minicity, SUBMISSION)
    minicity.clock.wait(days=60)
    minicity.drop_ended()
    early = await knock(minicity, code, "forget", {"reason": "no-longer-needed"})
    assert (early.status_code, early.json()["code"]) == (409, "permit-in-force")
    minicity.clock.wait(days=340)
    minicity.drop_ended()
    assert (await knock(minicity, code, "forget", {"reason": "no-longer-needed"}, key="later")).status_code == 202
    assert minicity.names(code)[-1] == "subject.forgotten"
    assert values(minicity, "intake", code) == values(minicity, "verification", code) == set()


@pytest.mark.parametrize("actor", [APPLICANT, Actor("petugas", "officer", "dpmptsp"), Actor("kepala", "head", "dpmptsp")])
async def test_only_the_data_protection_officer_may(minicity: MiniCity, actor: Actor) -> None:
    """Given an ended application, when somebody else wants it forgotten, then the door refuses, and so does the ledger past the door."""
    code = await ended(minicity)
    answer = await knock(minicity, code, "forget", {"reason": "retention-ended"}, actor)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    number = minicity.stages["intake"]._subjects.get(code, minicity.city.sops).number + 1
    basis = minicity.entries(code)[-1].stamp.sequence
    minicity.topics["intake"].append(encode(make_event(FORGET, sender="intake", subject=code, number=number, basis=basis, role=actor.role)))
    minicity.pump()
    assert minicity.names(code)[-1] == "subject.forgotten (not-allowed)"
    assert values(minicity, "intake", code)


@pytest.mark.parametrize("body", [{"reason": "karena malu"}, {"reason": "lain"}, {}, {"reason": "retention-ended", "note": "Siti"}])
async def test_a_ground_is_a_code(minicity: MiniCity, body: dict[str, Any]) -> None:
    """A ground that is free text, unknown or absent, or a word beside it, is malformed."""
    code = await ended(minicity)
    answer = await knock(minicity, code, "forget", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")


async def test_an_older_release_stops_at_the_entry(minicity: MiniCity, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a release that does not know the event, when the entry comes, then it stands still there: it must not skip an erasure."""
    code = await ended(minicity)
    position = minicity.stages["verification"].position
    minicity.say("intake", code, OFFICER, Draft(FORGET, "dpmptsp"))
    minicity.deliver_to_ledger()
    older = {name: adapter for name, adapter in envelope.ADAPTERS.items() if name != FORGET.type_name()}
    monkeypatch.setattr(envelope, "ADAPTERS", older)
    monkeypatch.setattr(envelope, "_NAMES", {name.rpartition(".")[0] for name in older})
    minicity.deliver_to("verification")
    assert minicity.inboxes["verification"].stopped_at.startswith("unknown-event-type")
    assert minicity.stages["verification"].position == position
    assert values(minicity, "verification", code) == {"KTP buram"}


async def test_nobody_is_forgotten_before_the_contract_is_raised(minicity: MiniCity) -> None:
    """Given a city whose contract is older than the event, when it is said, then the stage refuses it, and the ledger rejects it."""
    code = await ended(minicity)
    for holder in (minicity.stages["intake"], minicity.ledger):
        holder.city = replace(holder.city, contract=2)
    with pytest.raises(Refusal, match="contract-not-raised"):
        minicity.say("intake", code, OFFICER, Draft(FORGET, "dpmptsp"))
    early = make_event(FORGET, sender="intake", subject=code, number=4, basis=3, role=OFFICER.role)
    minicity.ledger.ingest([Record(topic_of("intake"), 10_000, encode(early))])
    assert [letter for _, letter in minicity.letters("ledger")] == ["contract-not-raised"]


async def test_a_restored_backup_forgets_again(minicity: MiniCity) -> None:
    """Given a backup of intake from before an erasure, when it is restored and has caught up, then its vault opens nothing any more."""
    code = await ended(minicity)
    backup = Backup(minicity, "intake")
    await knock(minicity, code, "forget", {"reason": "retention-ended"})
    backup.restore()
    assert "6271010101010001" in values(minicity, "intake", code)
    wait_for(minicity.inboxes["intake"].catch_up())
    assert values(minicity, "intake", code) == set()
    assert minicity.stages["intake"].case(code).forgotten_at


# A whole city


def headers(local: LocalCity, person: str, role: str, key: str = "") -> dict[str, str]:
    """Returns the headers of somebody's request."""
    signed = {"authorization": f"Bearer {token(local.stack, person, role, 'dpmptsp' if role == DATA_PROTECTION_ROLE else '')}"}
    return {**signed, "idempotency-key": key} if key else signed


def read_vault(local: LocalCity, code: str) -> set[str]:
    """Returns what intake's database and key open of an application, read past its process."""
    store = Store(postgres.database_url(local.stack, "intake"), "stage")
    kek = load_settings(read_environment(local.stack.env_file("intake"))).kek_file
    assert kek is not None
    try:
        return {value for _, value in Vault(store, read_key(kek)).read(code).values()}
    finally:
        store.close()


@contextmanager
def copy_of(local: LocalCity, name: str) -> Iterator[str]:
    """Copies a service's database while the service is down; the copy is there as long as the block lasts."""
    copied = f"{name}-copy"
    local.halt(name)
    with psycopg.connect(postgres.admin_url(local.stack), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(sql.Identifier(copied), sql.Identifier(name), sql.Identifier(name))
        )
    local.resume(name)
    local.wait_ready(name)
    yield copied


def restore(local: LocalCity, name: str, copied: str) -> None:
    """Puts the copy in the database's place."""
    with psycopg.connect(postgres.admin_url(local.stack), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(copied), sql.Identifier(name)))


@pytest.mark.timeout(300)
def test_a_restored_backup_opens_its_doors_only_after_it_has_forgotten(real_city: LocalCity) -> None:
    """Given intake's database from before an erasure, when it starts without the ledger, then its doors stay closed; with it, the data is gone."""
    intake = real_city.stack.url("intake")
    body = submission(1, sensitive=True)
    sent = httpx.post(f"{intake}/v1/applications", json=body, headers=headers(real_city, "pemohon", "applicant", "forget-me"))
    code = sent.json()["application"]
    settle(real_city)
    mine = headers(real_city, "pemohon", "applicant", "back")
    assert httpx.post(f"{intake}/v1/applications/{code}/withdraw", json={}, headers=mine).status_code == 202
    settle(real_city)
    with copy_of(real_city, "intake") as copied:
        erasing = {**headers(real_city, "pejabat-pdp", DATA_PROTECTION_ROLE, "erase"), "prefer": "wait=10"}
        erased = httpx.post(f"{intake}/v1/applications/{code}/forget", json={"reason": "retention-ended"}, headers=erasing, timeout=20)
        settle(real_city)
        assert (erased.json()["status"], read_vault(real_city, code)) == ("entered", set())
        real_city.halt("intake")
        real_city.halt("ledger")
        restore(real_city, "intake", copied)
    assert body["applicant"]["nik"] in read_vault(real_city, code)
    real_city.resume("intake")
    room = f"{intake}/v1/applications/{code}/applicant"
    until(lambda: "inbox" in httpx.get(f"{intake}/readyz", timeout=5).json()["problems"])
    closed = httpx.get(room, headers=mine, timeout=5)
    assert (closed.status_code, closed.json()["code"]) == (503, "not-ready")
    real_city.resume("ledger")
    real_city.wait_ready("ledger", "intake")
    assert httpx.get(room, headers=mine, timeout=5).json()["code"] == "already-forgotten"
    assert read_vault(real_city, code) == set()
    settle(real_city)
