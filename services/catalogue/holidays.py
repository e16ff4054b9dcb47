"""The national holidays and collective leave of a year in Indonesia, as the `holidays` library knows them."""

from datetime import date
from typing import Literal

import holidays

Kind = Literal["national", "collective-leave"]


def days_off(year: int) -> list[tuple[date, Kind]]:
    """Returns the days off of a year: public holidays and collective leave of government offices."""
    public = holidays.country_holidays("ID", years=year, categories=("public",))
    government = holidays.country_holidays("ID", years=year, categories=("government",))
    kinds: dict[date, Kind] = dict.fromkeys(government, "collective-leave")
    kinds.update(dict.fromkeys(public, "national"))
    return sorted(kinds.items())
