"""Objection and appeal against an act: who may lodge one until when, who answers, and how a granted one goes on; pure.

UU 30/2014, articles 75-78: within 21 working days of an act its addressee may object to the official who decided (keberatan); within
10 working days of a rejected objection they may appeal to that official's superior (banding administratif). Either is answered within 10
working days; silence grants it. What was asked for follows within 5 working days (article 77(7)).

The acts are a refusal, a closing, both of an application or of a renewal, and the revocation or annulment of a permit. A granted objection
takes the act back. After a refusal that is not all that was asked for: people decide anew, never a rule; what had rejected the application
counts as overruled and is not asked again, and it may be refused again only for what nobody had decided before. A closed one goes on where
it stood, with all the applicant's days before them. A permit that was revoked or annulled stands again as it stood: no decision is missing.

The answer is drafted by somebody of the answering agency who had no part in the matter (articles 42-45: no official decides or prepares what
they have an interest in); where a small agency has nobody else, its head says so and answers for the reason.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from shared import events as e
from shared.case_model import Case
from shared.fields import to_instant
from shared.objection_model import Objection
from shared.sop.applicants import ACTING_ROLES, applicant_refusal
from shared.sop.model import Step
from shared.sop.people import HEAD, OFFICER, may_not_work

OBJECTION: Final = "keberatan"  # the names under which they stand among the steps of a case
APPEAL: Final = "banding"
LODGE_WORKING_DAYS: Final = {OBJECTION: 21, APPEAL: 10}
ANSWER_WORKING_DAYS: Final = 10
FOLLOWS_WITHIN_WORKING_DAYS: Final = 5
LEGAL_BASIS: Final = {OBJECTION: "uu-30-2014-77", APPEAL: "uu-30-2014-78"}
SUPERIOR: Final = "superior"
SUPERIOR_AGENCY: Final = "setda"  # the city secretary: the superior of the heads of all agencies
GRANTED: Final = ("granted", "deemed-granted")
OVERRULED: Final = "overruled"
ANSWERS: Final = {OBJECTION: HEAD, APPEAL: SUPERIOR}  # in which role
DRAFT_ANSWER: Final = "draft-answer"
ALLOW_DRAFTER: Final = "allow-drafter"
LODGE: Final = {OBJECTION: "lodge-objection", APPEAL: "lodge-appeal"}
REFUSALS: Final[tuple[e.Contested, ...]] = ("refusal", "renewal-refusal")
OF_A_PERMIT: Final[tuple[e.Contested, ...]] = ("revocation", "annulment")
DECIDE: Final = {OBJECTION: "decide-objection", APPEAL: "decide-appeal"}
_PREFIX: Final = {OBJECTION: "KEB", APPEAL: "BDG"}
Kind = Literal["keberatan", "banding"]
Answer = Literal["granted", "rejected"]


@dataclass(frozen=True, slots=True)
class Window:
    """What may be lodged from a legal time on, for so many working days."""

    kind: Kind
    since: str
    working_days: int

    @property
    def since_instant(self) -> datetime:
        """The time from which the days count."""
        return to_instant(self.since)


# How it stands


def of_this_act(case: Case) -> tuple[Objection, ...]:
    """Returns what was lodged against the newest act: an objection, and perhaps an appeal after it."""
    act = case.act
    return tuple(item for item in case.objections if act is not None and (item.against, item.round) == (act.kind, act.round))


def window(case: Case) -> Window | None:
    """Returns what the applicant may lodge now, None when nothing: no such act, one is pending, appealed already, or the days are over."""
    if case.act is None or case.act.settled_at:
        return None
    lodged = of_this_act(case)
    if not lodged:
        return Window(OBJECTION, case.act.at, LODGE_WORKING_DAYS[OBJECTION])
    if lodged[-1].kind == OBJECTION and lodged[-1].state == "rejected":
        return Window(APPEAL, lodged[-1].decided_at, LODGE_WORKING_DAYS[APPEAL])
    return None


def may_still_come(case: Case) -> bool:
    """Says whether an act may still be taken back."""
    return case.open_objection is not None or window(case) is not None


def next_number(case: Case, kind: Kind) -> str:
    """Returns the number of the next objection or appeal of an application."""
    return f"{_PREFIX[kind]}/{case.code.removeprefix('PKY-')}/{sum(item.kind == kind for item in case.objections) + 1}"


def codes(case: Case) -> tuple[str, ...]:
    """Returns what somebody has to do about an application that has ended, by its name among the steps."""
    waiting = case.open_objection
    return (waiting.kind,) if waiting else ()


def party(case: Case, code: str, against: str = "") -> str:
    """Returns the agency that answers an objection or appeal, to the newest act if no other is named; empty for any other step."""
    if code == APPEAL:
        return SUPERIOR_AGENCY
    if code != OBJECTION or case.sop is None:
        return ""
    about = against or (case.act.kind if case.act else "")
    return case.sop.owner if about in OF_A_PERMIT else case.sop.decision_step.agency


# Who may say what


def lodge_refusal(case: Case, kind: Kind, role: str, authid: str, day: str) -> str:
    """Returns why an applicant or their attorney may not lodge an objection or an appeal now, empty when they may."""
    if case.act is None:
        return "nothing-to-object-to"
    if theirs := applicant_refusal(case, role, authid, day):
        return theirs
    if case.forgotten_at:
        return "already-forgotten"
    if case.permit is not None and case.permit.accepted_transfer is not None:
        return "transfer-runs"  # what a granted one brings back would be somebody else's
    return _too_late_or_early(case, kind)


def _too_late_or_early(case: Case, kind: Kind) -> str:
    if case.open_objection:
        return "objection-pending"
    if case.settled_at:
        return "objection-too-late"
    lodged = of_this_act(case)
    if kind == APPEAL and not lodged:
        return "objection-first"
    return "objection-answered" if kind == OBJECTION and lodged else ""


def decide_refusal(case: Case, kind: Kind, agency: str, authid: str) -> str:
    """Returns why somebody may not answer the pending objection or appeal, empty when they may."""
    waiting = case.open_objection
    if waiting is None or waiting.kind != kind:
        return "no-objection"
    if agency != party(case, kind):
        return "wrong-agency"
    if kind == APPEAL and authid in _deciders(case):
        return "same-official"
    if waiting.opinion is None:
        return "no-draft"
    return "same-officer" if waiting.opinion.authid == authid else ""


def draft_refusal(case: Case, agency: str, authid: str) -> str:
    """Returns why somebody may not draft the answer that is waited for, empty when they may."""
    problem = _undrafted_problem(case, agency)
    return problem or ("involved" if authid in case.involved and authid not in _allowed(case) else "")


def allow_refusal(case: Case, agency: str, officer: str = "") -> str:
    """Returns why nobody may let somebody draft who had a part, empty when they may; without an officer, whether they may let any."""
    problem = _undrafted_problem(case, agency)
    if problem or not officer:
        return problem
    if may_not_work(case, officer):
        return "officer-in-conflict"
    return "" if officer in case.involved and officer not in _allowed(case) else "not-involved"


def _undrafted_problem(case: Case, agency: str) -> str:
    """Returns why an agency waits for no draft of an answer, empty when it does."""
    waiting = case.open_objection
    if waiting is None:
        return "no-objection"
    if agency != party(case, waiting.kind):
        return "wrong-agency"
    return "draft-pending" if waiting.opinion is not None else ""


def _allowed(case: Case) -> Collection[str]:
    return case.open_objection.allowed if case.open_objection else ()


def _deciders(case: Case) -> set[str]:
    """Returns who has done the act or rejected the objection: for an appeal it has to be somebody else."""
    found = {item.authid for item in of_this_act(case)} | ({case.act.authid} if case.act else set())
    return found - {""}


def offered(case: Case, role: str, agency: str, authid: str, day: str = "") -> tuple[tuple[str, str, str], ...]:
    """Returns the commands of somebody about an act, the name among the steps, and why it may not be given now, empty when it may."""
    if case.act is None:
        return ()
    if role in ACTING_ROLES:
        return tuple((LODGE[kind], "", lodge_refusal(case, kind, role, authid, day)) for kind in (OBJECTION, APPEAL))
    waiting = case.open_objection
    # Who stands in for the superior does a head's commands.
    if waiting is None or agency != party(case, waiting.kind):
        return ()
    if role == OFFICER:
        return ((DRAFT_ANSWER, waiting.kind, draft_refusal(case, agency, authid)),)
    if role not in (ANSWERS[waiting.kind], HEAD):
        return ()
    decide = (DECIDE[waiting.kind], waiting.kind, decide_refusal(case, waiting.kind, agency, authid))
    return (decide, (ALLOW_DRAFTER, waiting.kind, allow_refusal(case, agency)))


# After it was granted


def reopened(case: Case) -> bool:
    """Says whether an application, or the renewal of its permit, goes on because an objection or appeal against its refusal was granted."""
    granted = [item for item in case.objections if item.state in GRANTED]
    if case.renewal is None:
        return any(item.against == "refusal" for item in granted)
    # An earlier renewal may have been refused and taken up again, too.
    return any(item.against == "renewal-refusal" and item.at > case.renewal.at for item in granted)


def by_rule(case: Case, step: Step) -> bool:
    """Says whether a step of this case is done by rule: as its SOP says, but a decision after a granted objection never is."""
    return step.runs_by_rule(case.facts) and not (step.kind == "decision" and reopened(case))


def target_working_days(case: Case, step: Step) -> int:
    """Returns the target of a step in this case: the SOP's, but for a decision after a granted objection the days of the law."""
    return FOLLOWS_WITHIN_WORKING_DAYS if step.kind == "decision" and reopened(case) else step.target_working_days
