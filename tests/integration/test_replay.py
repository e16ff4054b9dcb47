"""`jejak replay` against a running city: the history from the ledger alone, and every live view equal to it or named."""

import httpx
import psycopg
import pytest

from deploy.local import postgres
from deploy.local.supervisor import City as LocalCity
from services.cli.client import token
from tests.faults.harness import Load, settle
from tests.integration.commands import jejak


@pytest.fixture(scope="module")
def codes(real_city: LocalCity) -> dict[int, str]:
    """Applications that went through the city, by number: the first is withdrawn or issued, the second is a plain one."""
    load = Load(real_city, 12)
    load.run()
    settle(real_city)
    return load.codes


def corrupt(local: LocalCity, service: str, code: str) -> None:
    """Alters a stored row behind the service's back, its digest left as it was."""
    with psycopg.connect(postgres.database_url(local.stack, service)) as connection:
        done = connection.execute("UPDATE views SET row = jsonb_set(row, '{outcome}', '\"refused\"') WHERE subject = %s", (code,))
        assert done.rowcount == 1


def test_a_history_is_told_from_the_ledger(real_city: LocalCity, codes: dict[int, str]) -> None:
    """Every entry is there with the state after it, and the last state's digest is the one that the tracker's row keeps."""
    ran = jejak(real_city, "replay", codes[1], "--format", "json")
    with psycopg.connect(postgres.database_url(real_city.stack, "tracker")) as connection:
        row = connection.execute("SELECT row->>'case_digest' FROM views WHERE subject = %s", (codes[1],)).fetchone()

    assert ran.code == 0
    assert [entry["sequence"] for entry in ran.tree["entries"]] == list(range(1, ran.tree["end"]["of"] + 1))
    assert ran.tree["entries"][0]["state"]["turn"] == ["dpmptsp"]
    assert ran.tree["entries"][-1]["state"]["digest"] == ran.tree["end"]["digest"]
    assert row == (ran.tree["end"]["digest"],)
    assert {item["party"] for item in ran.tree["end"]["held"]} >= {"dpmptsp"}


def test_the_state_at_a_time_and_after_an_entry(real_city: LocalCity, codes: dict[int, str]) -> None:
    """As of an entry's legal time the history ends there, as it does with that entry's sequence; the ledger's own door says the same."""
    whole = jejak(real_city, "replay", codes[1], "--format", "json").tree
    second = whole["entries"][1]

    by_sequence = jejak(real_city, "replay", codes[1], "--sequence", "2", "--format", "ndjson")
    by_time = jejak(real_city, "replay", codes[1], "--as-of", second["recorded"], "--format", "json").tree
    door = httpx.get(f"{real_city.stack.url('ledger')}/v1/applications/{codes[1]}", params={"sequence": 2}, timeout=30).json()

    assert [line["kind"] for line in by_sequence.lines] == ["entry", "entry", "end"]
    assert by_sequence.lines[1] == second
    assert by_time["entries"][:2] == whole["entries"][:2]
    assert by_time["entries"][-1]["recorded"] <= second["recorded"]
    assert door["case"]["sequence"] == by_sequence.lines[1]["sequence"]


def test_tricks_are_counted_over_the_whole_city(real_city: LocalCity, codes: dict[int, str]) -> None:
    """The count reads every application of the ledger and names agencies and steps only; the tracker's door says the same."""
    counted = jejak(real_city, "tricks", "--format", "json")
    text = jejak(real_city, "tricks", "--lang", "en")
    door = httpx.get(f"{real_city.stack.url('tracker')}/v1/tricks", timeout=30).json()["tricks"]

    assert (counted.code, text.code) == (0, 0)
    assert counted.tree["applications"] >= len(codes)
    assert counted.tree["tricks"] == [{name: item[name] for name in ("trick", "agency", "step", "count")} for item in door]


def test_the_text_is_for_people(real_city: LocalCity, codes: dict[int, str]) -> None:
    """Both languages name the events, whose turn it was, and who had it how long; a code needs no token."""
    indonesian = jejak(real_city, "replay", codes[1].lower())
    english = jejak(real_city, "replay", codes[1], "--lang", "en", "--ledger", real_city.stack.url("ledger"))

    assert "permohonan diajukan" in indonesian.out
    assert "giliran: dpmptsp" in indonesian.out
    assert "Berapa lama di tangan siapa" in indonesian.out
    assert "application submitted" in english.out
    assert "turn: dpmptsp" in english.out


def test_what_the_ledger_does_not_know_is_a_finding(real_city: LocalCity) -> None:
    """An unknown code, an unknown imported case and a time before the first entry end with 1 and one sentence."""
    unknown = jejak(real_city, "replay", "PKY-36BS-2WSW-K54E-F")
    legacy = jejak(real_city, "replay", "nowhere/case-1")

    assert (unknown.code, legacy.code) == (1, 1)
    assert "has no entry of PKY-36BS-2WSW-K54E-F" in unknown.error


def test_every_live_view_equals_the_replay(real_city: LocalCity, codes: dict[int, str]) -> None:
    """Comparing everything finds no difference in any service, over as many rows as there are applications."""
    ran = jejak(real_city, "replay", "--compare", "--all", "--format", "json")

    assert ran.code == 0, ran.out
    assert ran.tree["differences"] == []
    rows = ran.tree["end"]["rows"]
    assert set(rows) == {"tracker", "intake", "verification", "inspection", "issuance", "treasury"}
    assert len(set(rows.values())) == 1
    assert rows["tracker"] >= len(codes)


def test_one_altered_row_is_found_and_repaired(real_city: LocalCity, codes: dict[int, str]) -> None:
    """With one row altered the comparison ends with 1 and names it, alone and among all; a rebuild repairs it and says so."""
    code = codes[2]
    corrupt(real_city, "verification", code)

    alone = jejak(real_city, "replay", "--compare", code, "--format", "ndjson")
    among_all = jejak(real_city, "replay", "--compare", "--all", "--lang", "en")
    other = jejak(real_city, "replay", "--compare", codes[1])
    repaired = jejak(real_city, "rebuild", "verification", "--format", "json")
    after = jejak(real_city, "replay", "--compare", "--all", "--format", "json")

    assert alone.code == 1
    assert [(line["service"], line["subject"], line["difference"]) for line in alone.lines[:-1]] == [("verification", code, "altered")]
    assert among_all.code == 1
    assert f"verification {code}" in among_all.out
    assert other.code == 0
    assert (repaired.code, repaired.tree["differing"]) == (1, [code])
    assert after.code == 0


def test_a_removed_and_an_invented_row_are_found_and_repaired(real_city: LocalCity, codes: dict[int, str]) -> None:
    """A row that is gone is missing, a row of nobody's application is surplus; a rebuild puts both right."""
    with psycopg.connect(postgres.database_url(real_city.stack, "issuance")) as connection:
        connection.execute(
            "INSERT INTO views SELECT 'PKY-36BS-2WSW-K54E-F', sequence, digest, row FROM views WHERE subject = %s", (codes[1],)
        )
        connection.execute("DELETE FROM views WHERE subject = %s", (codes[3],))

    compared = jejak(real_city, "replay", "--compare", "--all", "--format", "json")
    repaired = jejak(real_city, "rebuild", "issuance", "--format", "json")

    assert {(item["difference"], item["subject"]) for item in compared.tree["differences"]} == {
        ("missing", codes[3]),
        ("surplus", "PKY-36BS-2WSW-K54E-F"),
    }
    assert (repaired.tree["missing"], repaired.tree["surplus"]) == ([codes[3]], ["PKY-36BS-2WSW-K54E-F"])
    assert jejak(real_city, "rebuild", "issuance").code == 0


def test_the_views_door_is_for_auditors(real_city: LocalCity) -> None:
    """Who is no auditor or operator is refused."""
    headers = {"authorization": f"Bearer {token(real_city.stack, 'budi', 'applicant')}"}

    assert httpx.get(f"{real_city.stack.url('intake')}/v1/views", headers=headers, timeout=30).status_code == 403


def test_nothing_is_a_dead_letter(real_city: LocalCity) -> None:
    """The list is empty and ends with 0; what is not held cannot be driven again."""
    ran = jejak(real_city, "dead-letters", "list", "--format", "json")
    redriven = jejak(real_city, "dead-letters", "redrive", "intake", "PKY-36BS-2WSW-K54E-F")

    assert (ran.code, ran.tree) == (0, {"dead_letters": []})
    assert redriven.code == 1
    assert "does not hold" in redriven.error


def test_a_held_application_is_listed_and_driven_again(real_city: LocalCity, codes: dict[int, str]) -> None:
    """A dead letter that holds an application is listed with its sentence and ends with 1; driving it again releases it and solves it."""
    with psycopg.connect(postgres.database_url(real_city.stack, "inspection")) as connection:
        statement = "INSERT INTO dead_letters (origin, subject, code, detail, raw) VALUES ('ledger/1/test', %s, 'held', 'ValueError', '')"
        connection.execute(statement, (codes[1],))
    real_city.kill("inspection")
    real_city.wait_ready("inspection")

    listed = jejak(real_city, "dead-letters", "list", "--service", "inspection", "--format", "json")
    redriven = jejak(real_city, "dead-letters", "redrive", "inspection", codes[1])
    after = jejak(real_city, "dead-letters", "list")

    assert listed.code == 1
    assert [(letter["service"], letter["subject"]) for letter in listed.tree["dead_letters"]] == [("inspection", codes[1])]
    assert redriven.code == 0
    assert after.code == 0
