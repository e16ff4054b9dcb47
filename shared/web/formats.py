"""How dates, times, money and working time are written in both languages; local time is WIB."""

from datetime import date, datetime
from typing import Final

from shared.calendar import WIB

LANGUAGES: Final = ("id", "en")
Words = dict[str, str]

_MONTHS: Final = {
    "id": ["Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember"],
    "en": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
}
_DAYS: Final = {
    "id": ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
}
MINUTES_OF_AN_HOUR: Final = 60


def both(pair: tuple[str, str]) -> Words:
    """Returns a pair of Indonesian and English as it stands in an answer."""
    return {"id": pair[0], "en": pair[1]}


def day_text(day: date, tongue: str, *, weekday: bool = False) -> str:
    """Returns `23 November 2026`, with the day of the week in front when asked."""
    text = f"{day.day} {_MONTHS[tongue][day.month - 1]} {day.year}"
    return f"{_DAYS[tongue][day.weekday()]}, {text}" if weekday else text


def time_text(instant: datetime, tongue: str) -> str:
    """Returns `23 November 2026 pukul 08.00 WIB`."""
    local = instant.astimezone(WIB)
    if tongue == "en":
        return f"{day_text(local.date(), tongue)}, {local:%H:%M} WIB"
    return f"{day_text(local.date(), tongue)} pukul {local:%H.%M} WIB"


def rupiah(amount: int) -> str:
    """Returns `Rp1.234.567`."""
    return f"Rp{amount:,}".replace(",", ".")


def working_time(minutes: int, day_minutes: int, tongue: str) -> str:
    """Returns office minutes as `2 hari kerja 3 jam`, with minutes only below a day."""
    days, rest = divmod(minutes, day_minutes)
    hours, left = divmod(rest, MINUTES_OF_AN_HOUR)
    parts = [_amount(days, ("hari kerja", "working day"), tongue), _amount(hours, ("jam", "hour"), tongue)]
    if not days:
        parts.append(_amount(left, ("menit", "minute"), tongue))
    text = " ".join(part for part in parts if part)
    return text or {"id": "kurang dari satu menit", "en": "less than a minute"}[tongue]


def _amount(number: int, unit: tuple[str, str], tongue: str) -> str:
    if not number:
        return ""
    if tongue == "id":
        return f"{number} {unit[0]}"
    return f"{number} {unit[1]}" if number == 1 else f"{number} {unit[1]}s"


def listed(items: list[str], tongue: str) -> str:
    """Returns `a, b dan c`."""
    if len(items) < 2:  # noqa: PLR2004 - a list begins with two
        return "".join(items)
    last = {"id": " dan ", "en": " and "}[tongue]
    return ", ".join(items[:-1]) + last + items[-1]


def readable(slug: str) -> str:
    """Returns a code as words: `kurang-jelas` is `kurang jelas`."""
    return slug.replace("-", " ")
