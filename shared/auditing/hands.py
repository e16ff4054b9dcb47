"""Whether the pinned SOP was followed, and whether two people looked where two have to look."""

from collections.abc import Iterator
from typing import Final

from shared import events as e
from shared.auditing.findings import FOUR_EYES, NOT_CONFORMING, Finding, finding
from shared.case_model import Case
from shared.city import City
from shared.envelope import Entry
from shared.sop.admissible import admissible
from shared.sop.checks.parts import RULE_ROLE

SIGNING: Final = (e.PermitIssued, e.PermitRenewed, e.ApplicationRefused)


def conformance(case: Case, entry: Entry, city: City) -> Iterator[Finding]:
    """Yields a finding where an entry stands that the rules of its own day refuse; `case` and `city` as they were before it.

    Breaches of four eyes have a finding of their own.
    """
    code = admissible(case, entry.event, city.at(entry.recorded))
    if code and code != "same-officer":
        yield finding(NOT_CONFORMING, entry.subject, (entry.stamp.sequence,), refusal=code)


class FourEyes:
    """Remembers who drafted what, until it is signed: decisions of an application, and SOPs."""

    def __init__(self) -> None:
        self._drafts: dict[tuple[str, str], tuple[str, int]] = {}

    def take(self, entry: Entry) -> Iterator[Finding]:
        """Yields a finding where a signer had drafted what is signed."""
        event = entry.current
        data, subject, sequence = event.data, entry.subject, entry.stamp.sequence
        key = (subject, data.sop if isinstance(data, e.SopDrafted | e.SopPublished) else "")
        if isinstance(data, e.DecisionDrafted | e.SopDrafted):
            self._drafts[key] = (event.authid, sequence)
        elif isinstance(data, e.DecisionReturned):
            self._drafts.pop(key, None)
        elif isinstance(data, (*SIGNING, e.SopPublished)):
            author, drafted = self._drafts.pop(key, ("", 0))
            if author and event.role != RULE_ROLE and event.authid == author:
                yield finding(FOUR_EYES, subject, (drafted, sequence), agency=event.agency)
