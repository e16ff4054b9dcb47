"""Who may work on a step: its officer if it has one, nobody who declared a conflict of interest, and who stands in for a head.

An officer is known by the `authid` of this application alone, so the ledger can compare officers within an application and nobody can
link them across applications. An acting official is therefore checked where the person is known, at the desk; the ledger checks that the
agency had an acting official at all on that day.
"""

from typing import Final

from shared.case_model import Case
from shared.sop.applicants import OWN_APPLICATION, on_their_side

HEAD: Final = "head"
TEAM_LEADER: Final = "team-leader"
OFFICER: Final = "officer"
ACTING_HEAD: Final = "acting-head"  # a role of events only: no token has it
LEADERS: Final = (HEAD, TEAM_LEADER)
INSPECTORATE: Final = "inspektorat"
CONFLICT: Final = "conflict-declared"
# What leaders do with a review, beside the work itself.
LEADING: Final = ("assign-review", "reassign-review", "allow-recheck")


def officer_refusal(case: Case, step: str, authid: str) -> str:
    """Returns why this officer may not do this step, empty when nothing stands against it."""
    if authid and authid in case.conflicts:
        return CONFLICT
    if on_their_side(case, authid):
        return OWN_APPLICATION
    return "assigned-to-another" if case.officers.get(step, authid) != authid else ""


def assign_refusal(case: Case, step: str, officer: str = "") -> str:
    """Returns why a step may not get its first officer, empty when it may; without an officer, whether it may get any."""
    if step in case.officers:
        return "already-assigned"
    return "officer-in-conflict" if may_not_work(case, officer) else ""


def may_not_work(case: Case, officer: str) -> bool:
    """Says whether somebody has an interest of their own in an application, or is on the applicant's side."""
    return officer in case.conflicts or on_their_side(case, officer)


def reassign_refusal(case: Case, step: str, officer: str = "") -> str:
    """Returns why a step may not go to another officer, empty when it may; without an officer, whether it may go to any."""
    if step not in case.officers:
        return "not-assigned"
    if may_not_work(case, officer):
        return "officer-in-conflict"
    return "already-assigned" if officer and case.officers[step] == officer else ""


def was_accepted(case: Case, step: str, requirement: str) -> bool:
    """Says whether a review has accepted a requirement as it stands now."""
    handed = case.requirements.get(requirement)
    return handed is not None and case.accepted.get(f"{step}/{requirement}") == handed.sequence


def may_be_found(case: Case, step: str, requirement: str) -> bool:
    """Says whether a review may ask for a requirement: one that it had accepted only after the head has said why."""
    handed = case.requirements.get(requirement)
    if handed is None or not was_accepted(case, step, requirement):
        return True
    return case.rechecks.get(f"{step}/{requirement}") == handed.sequence


def recheck_refusal(case: Case, step: str, requirement: str = "") -> str:
    """Returns why a second look may not be allowed, empty when it may; without a requirement, whether any may."""
    if not requirement:
        prefix = f"{step}/"
        any_accepted = any(key.startswith(prefix) and was_accepted(case, step, key.removeprefix(prefix)) for key in case.accepted)
        return "" if any_accepted else "not-accepted-yet"
    if not was_accepted(case, step, requirement):
        return "not-accepted-yet"
    return "recheck-known" if may_be_found(case, step, requirement) else ""


def leading_refusal(case: Case, step: str, command: str) -> str:
    """Returns why leaders may not do one of their commands on a step, empty when they may for some officer or requirement."""
    if command == "assign-review":
        return assign_refusal(case, step)
    return reassign_refusal(case, step) if command == "reassign-review" else recheck_refusal(case, step)
