"""A sheet that somebody holds: the city's head, a title, what it says, and a QR code that leads to where it can be checked."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """What stands behind a name: one line, or a list."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet: head, title, number, rows, what stands beside the QR code, the address in it, and the mark of a demo across every page."""

    head: tuple[str, ...]
    title: str
    number: str
    rows: tuple[Row, ...]
    beside: tuple[str, ...]
    address: str
    mark: str
    language: str = "id"
