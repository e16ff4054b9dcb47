"""What became of a city's applications, in figures that can be compared between two runs; pure."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from deploy.training.moves import Known
from deploy.training.permits import MENDED
from shared.case import Case
from shared.money import owed
from shared.sop.objections import APPEAL, GRANTED, OBJECTION, OF_A_PERMIT
from shared.sop.rules import APPLICANT, step_parties


@dataclass(frozen=True, slots=True)
class Summary:
    """Applications by outcome, and what happened to them on the way."""

    submitted: int
    outcomes: Mapping[str, int] = field(hash=False)
    occurred: Mapping[str, int] = field(hash=False)
    waiting: tuple[str, ...] = ()  # of each that is open, what it waits for

    @property
    def issued(self) -> int:
        """Permits, those deemed granted among them."""
        return self.outcomes.get("issued", 0) + self.outcomes.get("deemed-granted", 0)

    def totals(self) -> str:
        """Returns the one line that adds up."""
        count = self.outcomes.get
        ended = f"{count('refused', 0)} refused + {count('withdrawn', 0)} withdrawn + {count('closed', 0)} closed"
        return f"{self.submitted} submitted = {self.issued} issued + {ended} + {count('', 0)} open"


def summarize(applications: Iterable[Known]) -> Summary:
    """Counts applications."""
    outcomes: Counter[str] = Counter()
    occurred: Counter[str] = Counter(dict.fromkeys(_OCCURRENCES, 0))
    waiting: list[str] = []
    for known in applications:
        if known.case.submitted_at:
            outcomes[known.case.outcome] += 1
            waiting += [] if known.case.outcome else [_waits(known.case)]
            for name, counted in _OCCURRENCES.items():
                occurred[name] += counted(known)
    return Summary(sum(outcomes.values()), outcomes, occurred, tuple(sorted(waiting)))


def _waits(case: Case) -> str:
    """Returns for what an open application waits, for whom, and since when."""
    steps = [f"{code} of {', '.join(step_parties(case, code))} since {ready.at[:10]}" for code, ready in case.ready.items()]
    return f"{case.code} ({case.sop_name}{', renewal' if case.renewal else ''}) waits for {' and '.join(steps) or 'nothing'}"


def outcomes_digest(outcomes: Mapping[str, str]) -> str:
    """Returns one digest over arrival keys and their outcomes: two runs of the same arrivals and seed have the same."""
    text = "".join(f"{key}\t{outcome}\n" for key, outcome in sorted(outcomes.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def _lodged(known: Known, kind: str) -> int:
    return sum(item.kind == kind for item in known.case.objections)


def _against(known: Known, *acts: str) -> int:
    return sum(item.kind == OBJECTION and item.against in acts for item in known.case.objections)


def _granted(known: Known, kind: str) -> int:
    return sum(item.kind == kind and item.state in GRANTED for item in known.case.objections)


def _permit_is(known: Known, state: str) -> bool:
    return known.case.permit is not None and known.case.permit.state == state


def _renewals(known: Known, *results: str) -> int:
    return sum(item.result in results for item in known.case.permit.renewals) if known.case.permit else 0


_OCCURRENCES: Final[Mapping[str, Callable[[Known], int]]] = {
    "filed by an attorney in fact": lambda known: known.case.filed_as == "kuasa",
    "filed with help at the counter": lambda known: known.case.filed_as == "assisted",
    "powers of attorney given on the way": lambda known: known.case.filed_as != "kuasa" and known.case.representation is not None,
    "powers of attorney ended": lambda known: bool(known.case.representation and known.case.representation.ended),
    "mirrored from a national system": lambda known: bool(known.case.mirrored),
    "deemed granted by silence": lambda known: known.case.outcome == "deemed-granted",
    "rounds of correction": lambda known: known.case.round - 1,
    "visits missed": lambda known: sum(visit.state == "missed" for visit in known.case.visits),
    "visits failed": lambda known: sum(visit.state == "failed" for visit in known.case.visits),
    "objections to a closing": lambda known: _against(known, "closing"),
    "objections to a revocation or annulment": lambda known: _against(known, *OF_A_PERMIT),
    "objections to a refused renewal": lambda known: _against(known, "renewal-refusal"),
    "objections lodged": lambda known: _lodged(known, OBJECTION),
    "objections granted, by silence too": lambda known: _granted(known, OBJECTION),
    "appeals lodged": lambda known: _lodged(known, APPEAL),
    "appeals granted, by silence too": lambda known: _granted(known, APPEAL),
    "refused": lambda known: known.case.outcome == "refused",
    "withdrawn": lambda known: known.case.outcome == "withdrawn",
    "closed, nothing corrected": lambda known: "no-correction" in known.case.outcome_reasons,
    "closed, charge unpaid": lambda known: "no-payment" in known.case.outcome_reasons,
    "agency deadlines missed": lambda known: sum(item.party != APPLICANT for item in known.case.missed),
    "applicant deadlines missed": lambda known: sum(item.party == APPLICANT for item in known.case.missed),
    "drafts returned": lambda known: known.drafts_returned,
    "payments received": lambda known: len(known.case.payments),
    "refunds": lambda known: len(known.case.remedies),
    "refunds still owed": lambda known: len(owed(known.case)),
    "drawn for a check after issue": lambda known: known.case.audit_selected,
    "holders warned in writing": lambda known: len(known.case.permit.warnings) if known.case.permit else 0,
    "permits suspended for a while": lambda known: bool(known.case.permit and known.case.permit.reasons == MENDED),
    "permits revoked": lambda known: _permit_is(known, "revoked"),
    "permits annulled": lambda known: _permit_is(known, "annulled"),
    "permits transferred": lambda known: bool(
        known.case.permit and any(item.result == "transferred" for item in known.case.permit.transfers)
    ),
    "permits renewed": lambda known: _renewals(known, "renewed"),
    "renewals deemed granted by silence": lambda known: (
        sum(bool(item.deemed) for item in known.case.permit.renewals) if known.case.permit else 0
    ),
    "renewals that came to nothing": lambda known: _renewals(known, "refused", "withdrawn", "closed", "stopped"),
    "slips of the pen mended": lambda known: len(known.case.permit.corrections) if known.case.permit else 0,
    "duplicates issued": lambda known: len(known.case.permit.duplicates) if known.case.permit else 0,
    "permits given back": lambda known: _permit_is(known, "surrendered"),
}
