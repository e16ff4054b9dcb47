"""What the tracker tells of permit types: the version of the SOP in force today, and the one that comes."""

from typing import Any

from shared.city import City
from shared.sop.model import newest_versions


def types_of(city: City) -> list[dict[str, Any]]:
    """Returns each permit type with its title, the version in force today (empty: none) and the coming ones with their day."""
    current = {sop.permit_type: sop for sop in city.current_sops()}
    coming: dict[str, list[dict[str, str]]] = {}
    for sop, day in city.coming_sops():
        coming.setdefault(sop.permit_type, []).append({"sop": sop.name, "day": day})
    newest = newest_versions(city.sops.values())
    found = []
    for permit_type in sorted(newest):
        shown = current.get(permit_type, newest[permit_type])
        found.append(
            {
                "title": shown.title.in_both(),
                "sop": shown.name if permit_type in current else "",
                "promise_working_days": shown.promise_working_days,
                "coming": coming.get(permit_type, []),
            }
        )
    return found
