"""The catalogue's live view: it keeps none of applications; what is published it reads from the city itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from services.catalogue import domain
from shared.case import Case
from shared.city import City
from shared.fields import to_timestamp
from shared.keeping import Keeps
from shared.sop.knowledge import counted, grace_until
from shared.sop.model import Sop, sop_content
from shared.sop.quiz import LETTERS, Question

KEEPS: Final[Keeps] = "open"


def project(_case: Case, _city: City) -> None:
    """Keeps no view of applications."""
    return


def published(city: City) -> list[dict[str, Any]]:
    """Returns every published SOP: from which day it holds (empty: from its entry on), and whether new applications get it today."""
    current = {sop.name for sop in city.current_sops()}
    return [
        {
            "sop": name,
            "in_force": name in current,
            "in_force_from": city.in_force_from.get(name, ""),
            "published_at": city.published_at.get(name, ""),
            "withdrawn": name in city.withdrawn,
            "content": sop_content(sop),
        }
        for name, sop in sorted(city.sops.items())
    ]


def drafted(city: City) -> list[dict[str, Any]]:
    """Returns every draft that is open, or was returned for these reasons."""
    return [
        {
            "sop": name,
            "digest": draft.data.digest,
            "state": "returned" if draft.returned else "open",
            "reasons": list(draft.returned),
            "content": draft.data.content,
        }
        for name, draft in sorted(city.drafts.items())
    ]


def asked(sop_name: str, questions: Sequence[Question]) -> dict[str, Any]:
    """Returns a quiz as it is given: the questions with their choices by letter, without which is right."""
    rows = [
        {
            "number": number,
            "question": question.code,
            "text": question.text._asdict(),
            "choices": {letter: words._asdict() for letter, words in zip(LETTERS, question.choices, strict=False)},
        }
        for number, question in enumerate(questions, 1)
    ]
    return {"sop": sop_name, "questions": rows}


def knowledge(city: City, now: datetime, sop_name: str = "", agency: str = "") -> list[dict[str, Any]]:
    """Returns how many people of each agency know each version, by version and agency; raises `Refusal` for a version that is not published.

    Versions that were withdrawn are left out unless named.
    """
    in_use = [sop for name, sop in sorted(city.sops.items()) if name not in city.withdrawn]
    sops = [domain.published(city, sop_name)] if sop_name else in_use
    return [_known(city, sop, of, now) for sop in sops for of in sop.working_agencies if agency in ("", of)]


def _known(city: City, sop: Sop, agency: str, now: datetime) -> dict[str, Any]:
    until = grace_until(city, sop.name, agency)
    count = counted(city, sop, agency, now)._asdict()
    return {"sop": sop.name, "agency": agency, "grace_until": to_timestamp(until) if until else "", **count}
