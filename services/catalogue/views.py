"""The catalogue's live view: it keeps none of applications; what is published it reads from the city itself."""

from typing import Any, Final

from shared.case import Case
from shared.city import City
from shared.keeping import Keeps
from shared.sop.model import sop_content

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
