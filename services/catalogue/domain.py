"""What the catalogue says: versions of SOPs drafted, returned, published or withdrawn, a year's calendar; pure."""

from collections.abc import Sequence
from datetime import date
from typing import Final, Literal

from shared import events as e
from shared.case import Case
from shared.city import City, SopDraft, sop_subject
from shared.draft import Desk, Draft
from shared.envelope import canonical
from shared.reasons import checked
from shared.refusals import Refusal
from shared.sop.findings import Finding
from shared.sop.knowledge import previous_version
from shared.sop.lint import Registers, lint_tree
from shared.sop.model import Sop, content_digest, newest_versions, read_sop, sop_content
from shared.sop.quiz import Question, quiz, wrong

OPENS_MINUTE: Final = 8 * 60
CLOSES_MINUTE: Final = 16 * 60
FINDINGS_TOLD_MAX: Final = 50


def open_catalogue(city: City, shipped: Sequence[Sop]) -> Sequence[tuple[str, Draft]]:
    """Returns the newest of each shipped type, published by rule, in a city that has no SOP yet; afterwards only people publish."""
    return [] if city.sops else [(sop_subject(sop.name), Draft(publication(sop))) for sop in newest_versions(shipped).values()]


def publication(sop: Sop) -> e.SopPublished:
    """Returns the event that publishes an SOP, in force from its entry on."""
    content = sop_content(sop)
    return e.SopPublished(sop=sop.name, digest=content_digest(canonical(content)), content=content)


def checked_sop(tree: object, known: Registers) -> Sop:
    """Returns the SOP that a draft's content holds; raises `Refusal` with the findings if it has errors."""
    _, findings = lint_tree(tree, known)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        told = [_told(finding) for finding in errors[:FINDINGS_TOLD_MAX]]
        raise Refusal("sop-has-errors", errors[0].place, told)
    return read_sop(canonical(tree))


def _told(finding: Finding) -> dict[str, object]:
    return {"code": finding.code, "place": finding.place, "says": finding.says._asdict(), "mend": finding.mend._asdict()}


def draft_sop(sop: Sop) -> Sequence[Draft]:
    """Returns the draft of a version with its whole content."""
    content = sop_content(sop)
    return (Draft(e.SopDrafted(sop=sop.name, digest=content_digest(canonical(content)), content=content)),)


def return_draft(sop_name: str, digest: str, reasons: Sequence[str]) -> Sequence[Draft]:
    """Returns a draft to its drafter."""
    return (Draft(e.SopDraftReturned(sop=sop_name, digest=digest, reasons=tuple(reasons))),)


def publish_draft(city: City, sop_name: str, digest: str, in_force_from: str) -> Sequence[Draft]:
    """Returns the publication of an open draft from a local day on; raises `Refusal` when the content is not the one reviewed."""
    drafted = open_draft(city, sop_name).data
    if drafted.digest != digest:
        raise Refusal("sop-draft-differs", sop_name)
    return (Draft(e.SopPublished.of(sop=sop_name, digest=digest, content=drafted.content, in_force_from=in_force_from)),)


def open_draft(city: City, sop_name: str) -> SopDraft:
    """Returns the draft of a version that waits for its reviewer; raises `Refusal`."""
    draft = city.drafts.get(sop_name)
    if draft is None or draft.returned:
        raise Refusal("sop-version-taken" if sop_name in city.sops else "sop-draft-unknown", sop_name)
    return draft


def withdraw_sop(sop_name: str) -> Sequence[Draft]:
    """Returns that no new application may pin a version."""
    return (Draft(e.SopWithdrawn(sop=sop_name)),)


def published(city: City, sop_name: str) -> Sop:
    """Returns a published version; raises `Refusal`."""
    sop = city.sops.get(sop_name)
    if sop is None:
        raise Refusal("unknown-sop", sop_name)
    return sop


def quiz_of(city: City, sop_name: str, person: str) -> Sequence[Question]:
    """Returns the quiz of a version for a person, by their identity in the stream of its permit type; raises `Refusal`."""
    sop = published(city, sop_name)
    return quiz(sop, previous_version(city, sop), person)


def acknowledge(city: City, sop_name: str, person: str, answers: Sequence[str]) -> Sequence[Draft]:
    """Returns that a person knows a version, if every answer is right; raises `Refusal` that says which are not and what to read."""
    questions = quiz_of(city, sop_name, person)
    if numbers := wrong(questions, answers):
        raise Refusal("quiz-wrong", sop_name, [_missed(number, questions[number - 1]) for number in numbers])
    return (Draft(e.SopAcknowledged(sop=sop_name)),)


def _missed(number: int, question: Question) -> dict[str, object]:
    says = {"id": f"Pertanyaan {number}: {question.text.id}", "en": f"Question {number}: {question.text.en}"}
    mend = {"id": f"Baca “{question.part.id}” pada SOP.", "en": f"Read “{question.part.en}” in the SOP."}
    return {"code": question.code, "number": number, "place": question.place, "says": says, "mend": mend}


def waive(sop_name: str, officer: str, reason: str, valid_until: str) -> Sequence[Draft]:
    """Returns that somebody may work under a version without the quiz; `officer` is their identity in the stream of its permit type."""
    return (Draft(e.SopWaived(sop=sop_name, officer=officer, reason=checked("waiver", reason), valid_until=valid_until)),)


def publish_calendar(year: int, days_off: Sequence[tuple[date, Literal["national", "collective-leave"]]]) -> Sequence[Draft]:
    """Returns a year's calendar; office hours are a demo value, eight to four."""
    holidays = tuple(e.Holiday(date=day.isoformat(), kind=kind) for day, kind in sorted(set(days_off)))
    return (Draft(e.CalendarPublished(year=year, holidays=holidays, opens_minute=OPENS_MINUTE, closes_minute=CLOSES_MINUTE)),)


def declare_force_majeure(
    number: str, legal_basis: str, reason: str, from_day: str, until_day: str, *, agencies: Sequence[str], systems: Sequence[str]
) -> Sequence[Draft]:
    """Returns that clocks stand still from day to day by a decree."""
    data = e.ForceMajeureDeclared.of(
        number=number,
        legal_basis=legal_basis,
        reason=checked("force-majeure", reason),
        from_day=from_day,
        until_day=until_day,
        agencies=tuple(agencies),
        systems=tuple(systems),
    )
    return (Draft(data),)


def end_force_majeure(number: str, last_day: str) -> Sequence[Draft]:
    """Returns that a decree's clocks run again earlier."""
    return (Draft(e.ForceMajeureEnded(number=number, last_day=last_day)),)


def appoint_acting(agency: str, kind: Literal["plh", "plt"], officer: str, letter: str, days: tuple[str, str]) -> Sequence[Draft]:
    """Returns who acts in the place of an agency's head; `officer` is their identity in the agency's stream."""
    valid_from, valid_until = days
    data = e.ActingAppointed(agency=agency, kind=kind, officer=officer, letter=letter, valid_from=valid_from, valid_until=valid_until)
    return (Draft(data),)


def react(_case: Case, _desk: Desk) -> Sequence[Draft]:
    """Has no step of an application."""
    return ()
