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
    """Returns every published SOP with whether new applications may pin it."""
    newest = {sop.name for sop in city.current_sops()}
    return [{"sop": name, "in_force": name in newest, "content": sop_content(sop)} for name, sop in sorted(city.sops.items())]
