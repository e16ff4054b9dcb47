"""`jejak sop publish`, `approve`, `return`, `withdraw` and `move` against a running city, as two people type them."""

from datetime import datetime, timedelta
from pathlib import Path

import orjson
import yaml

from deploy.local.supervisor import City as LocalCity
from services.cli.client import client, token
from shared.calendar import WIB
from shared.sop.model import Sop, sop_content
from shared.sop.quiz import candidates
from tests.builders import FACTS, REKLAME, catalogue
from tests.faults import harness
from tests.integration.commands import jejak
from tests.sops import with_fields

OLD = catalogue()["reklame-permanen@2"]
DECLARED = {**FACTS[REKLAME], "zona": "jalan-utama"}
SPARED = "jaminan-bongkar"
LIGHTER = with_fields(OLD, version=3, requirements=tuple(item for item in OLD.requirements if item.code != SPARED))


def written(folder: Path, sop: Sop) -> str:
    """Writes an SOP's file and returns its path."""
    file = folder / f"{sop.permit_type}-{sop.version}.yaml"
    file.write_text(yaml.safe_dump(sop_content(sop)), encoding="utf-8")
    return str(file)


def apply(local: LocalCity) -> str:
    """Submits an application of the version in force and waits until it is entered."""
    documents = [{"requirement": item.code, "digest": "a" * 64} for item in OLD.required(DECLARED)]
    body = {"permit_type": OLD.permit_type, "kelurahan": "62.71.01.1001", "facts": DECLARED, "documents": documents}
    body["applicant"] = {"name": "Siti Aminah", "nik": "6271010101010001"}
    with client(local.stack, "intake", token(local.stack, "siti", "applicant")) as doors:
        headers = {"idempotency-key": "satu", "prefer": "wait=10"}
        answer = doors.post("/v1/applications", json=body, headers=headers).json()
    assert answer["status"] == "entered", answer
    return str(answer["application"])


def test_two_people_publish_and_a_head_moves(real_city: LocalCity, tmp_path: Path) -> None:
    """Given a running city, a version is drafted, not approved by its drafter, returned, drafted anew, approved and withdrawn; an application moves."""
    file, name = written(tmp_path, LIGHTER), LIGHTER.name
    application = apply(real_city)

    drafted = jejak(real_city, "sop", "publish", file, "--as", "rina")
    assert (drafted.code, drafted.out.startswith(f"{name} is drafted (entered at position ")) == (0, True), drafted.error
    alone = jejak(real_city, "sop", "approve", name, "--as", "rina")
    assert (alone.code, "Who drafted may not sign." in alone.error) == (1, True)
    again = jejak(real_city, "sop", "publish", file, "--as", "yusuf")
    assert (again.code, "already waits for its reviewer" in again.error) == (1, True)
    assert jejak(real_city, "sop", "return", name, "--as", "yusuf", "--reason", "dasar-hukum-kurang").code == 0
    assert "returned (dasar-hukum-kurang)" in jejak(real_city, "sop", "drafts").out
    gone = jejak(real_city, "sop", "approve", name, "--as", "yusuf")
    assert (gone.code, "no open draft" in gone.error) == (1, True)
    assert jejak(real_city, "sop", "publish", file, "--as", "rina").code == 0
    past = jejak(real_city, "sop", "approve", name, "--as", "yusuf", "--from", "2020-01-01")
    assert (past.code, "has passed" in past.error) == (1, True)
    approved = jejak(real_city, "sop", "approve", name, "--as", "yusuf")
    assert (approved.code, approved.out.startswith(f"{name} is published (entered")) == (0, True), approved.error

    harness.until(lambda: harness.position(real_city, "intake") == harness.position(real_city, "ledger"))
    move = ("sop", "move", OLD.name, name, "--legal-basis", OLD.legal_bases[0].code, "--as", "kepala")
    preview = jejak(real_city, *move, "--preview")
    assert (preview.code, preview.out.splitlines()) == (0, [f"{application}  moves: no longer asked: {SPARED}", "1 would move, 0 stay."])
    moved = jejak(real_city, *move)
    assert (moved.code, moved.out.splitlines()[-1]) == (0, "1 moved, 0 stay, 0 refused."), moved.error

    wrong = jejak(real_city, *move[:4], "--legal-basis", "tidak-ada", "--as", "kepala")
    assert (wrong.code, "has no legal basis" in wrong.error) == (2, True)
    withdrawn = jejak(real_city, "sop", "withdraw", name, "--as", "rina")
    assert (withdrawn.code, withdrawn.out.startswith(f"{name} is withdrawn for new applications")) == (0, True)


def test_a_wrong_file_is_told_in_a_sentence(real_city: LocalCity, tmp_path: Path) -> None:
    """Given an SOP that promises less time than its steps take, drafting it is refused in one line; an unknown version cannot be withdrawn."""
    file = written(tmp_path, with_fields(OLD, version=4, promise_working_days=1))
    refused = jejak(real_city, "sop", "publish", file, "--as", "rina")
    assert (refused.code, "This SOP still has errors" in refused.error) == (1, True)
    unknown = jejak(real_city, "sop", "withdraw", "reklame-permanen@9", "--as", "rina")
    assert (unknown.code, "is not published" in unknown.error) == (1, True)


def test_somebody_takes_the_quiz_and_a_head_excuses_another(real_city: LocalCity) -> None:
    """Given a running city, the quiz is shown, wrong letters are told with what to read, right ones acknowledge; the counts show both people."""
    name, officer = "makam@2", ("--as", "sari", "--agency", "upt-tpu")
    sop = catalogue()[name]
    shown = jejak(real_city, "sop", "quiz", name, *officer)
    assert (shown.code, shown.out.count("a) ")) == (0, 5), shown.error
    with client(real_city.stack, "catalogue", token(real_city.stack, "sari", "officer", "upt-tpu")) as doors:
        questions = doors.get("/v1/sops/quiz", params={"sop": name}).json()["questions"]
    right = {item.code: item.right.id for item in candidates(sop, None)}
    letters = "".join(next(x for x, words in q["choices"].items() if words["id"] == right[q["question"]]) for q in questions)

    wrong = jejak(real_city, "sop", "quiz", name, *officer, "--answers", "b" + letters[1:] if letters[0] == "a" else "a" + letters[1:])
    assert (wrong.code, wrong.out.startswith(f"Pertanyaan 1: {questions[0]['text']['id']}")) == (1, True), wrong.error
    taken = jejak(real_city, "sop", "quiz", name, *officer, "--answers", letters, "--lang", "en")
    assert (taken.code, taken.out) == (0, f"{name} is acknowledged.\n"), taken.error

    until = (datetime.now(WIB).date() + timedelta(days=30)).isoformat()
    waive = ("sop", "waive", name, "--as", "kepala", "--agency", "upt-tpu", "--officer", "budi", "--until", until, "--reason")
    assert jejak(real_city, *waive, "malas").code == 1
    excused = jejak(real_city, *waive, "dinas-luar", "--lang", "en")
    assert (excused.code, excused.out) == (0, f"{name}: excused until {until}.\n"), excused.error

    def known() -> dict[str, int]:
        rows = orjson.loads(jejak(real_city, "sop", "knowledge", name, "--agency", "upt-tpu", "--format", "json").out)["knowledge"]
        return {field: rows[0][field] for field in ("acknowledged", "waived", "grace", "overdue")}

    harness.until(lambda: known() == {"acknowledged": 1, "waived": 0, "grace": 1, "overdue": 0})
    table = jejak(real_city, "sop", "knowledge", name)
    assert (table.code, "upt-tpu" in table.out) == (0, True)
    assert jejak(real_city, "sop", "knowledge", "makam@9").code == 1
