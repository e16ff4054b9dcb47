"""One day's statement of the bank against the payments of that day in the ledger: what matches, what does not, what to do; pure."""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from pydantic import TypeAdapter, ValidationError

from shared.case_model import Payment
from shared.fields import LocalDate, OfficialNumber, Rupiah, Slug
from shared.refusals import Refusal

COLUMNS: Final = ("receipt", "charge", "amount_rupiah", "paid_on", "channel")
LINES_MAX: Final = 50_000
_AMOUNT: Final = re.compile(r"[0-9]{1,16}")
# Kind of a line: what it means, and what has to be done, in Indonesian and English.
WHAT_TO_DO: Final[Mapping[str, tuple[tuple[str, str], tuple[str, str]]]] = {
    "matched": (("Cocok.", "Matches."), ("Tidak perlu tindakan.", "Nothing needs to be done.")),
    "missing_here": (
        ("Ada di bank, belum tercatat di sini.", "The bank has it, it is not recorded here."),
        (
            "Pemberitahuannya hilang: setoran dicatat dari rekening koran ini; cocokkan sekali lagi.",
            "Its notice was lost: the payment is recorded from this statement; compare once more.",
        ),
    ),
    "missing_there": (
        ("Tercatat di sini, tidak ada di bank.", "It is recorded here, the bank does not have it."),
        (
            "Tanyakan bukti setor ini kepada bank dan kepada bendahara yang mencatatnya.",
            "Ask the bank, and the treasurer who recorded it, about this receipt.",
        ),
    ),
    "differing": (
        ("Jumlahnya berbeda.", "The amounts differ."),
        (
            "Tanyakan kepada bank jumlah yang benar; selisihnya ditagih atau dikembalikan.",
            "Ask the bank for the right amount; the difference is claimed or paid back.",
        ),
    ),
    "suspended": (
        ("Ada di bank dan di daftar titipan.", "The bank has it, and it is in suspense here."),
        ("Bukukan ke ketetapannya atau kembalikan: GET /v1/suspense.", "Assign it to its charge or return it: GET /v1/suspense."),
    ),
}


@dataclass(frozen=True, slots=True)
class Compared:
    """One line of a comparison: `rupiah` is the amount, or where amounts differ by how much."""

    kind: str
    receipt: str
    charge: str
    rupiah: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every line of a day, each of one kind."""

    KINDS: ClassVar[tuple[str, ...]] = tuple(WHAT_TO_DO)
    lines: tuple[Compared, ...]

    def of(self, kind: str) -> tuple[Compared, ...]:
        """Returns the lines of a kind."""
        return tuple(line for line in self.lines if line.kind == kind)

    @property
    def is_clean(self) -> bool:
        """Says whether bank and ledger agree on every line."""
        return all(line.kind == "matched" for line in self.lines)


_FIELDS: Final = TypeAdapter(tuple[OfficialNumber, OfficialNumber, Rupiah, LocalDate, Slug])


def digest_of(text: str) -> str:
    """Returns the SHA-256 of a statement, which the day's event holds."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_statement(text: str, day: str) -> tuple[Payment, ...]:
    """Returns the lines of a statement for a day; raises `Refusal("statement-unreadable")` naming the line that cannot be read."""
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error:
        rows = []
    if not rows or tuple(rows[0]) != COLUMNS or len(rows) > LINES_MAX:
        raise Refusal("statement-unreadable", "1")
    lines: list[Payment] = []
    for number, row in enumerate(rows[1:], start=2):
        try:
            amount = int(row[2]) if len(row) == len(COLUMNS) and _AMOUNT.fullmatch(row[2]) else -1
            receipt, charge, rupiah, paid_on, channel = _FIELDS.validate_python((*row[:2], amount, *row[3:]))
        except ValidationError:
            raise Refusal("statement-unreadable", str(number)) from None
        if paid_on != day or any(line.receipt == receipt for line in lines):
            raise Refusal("statement-unreadable", str(number))
        lines.append(Payment(charge, receipt, rupiah, paid_on, channel))
    return tuple(lines)


def write_statement(lines: Iterable[Payment]) -> str:
    """Returns lines as a statement."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows((line.receipt, line.charge, line.rupiah, line.paid_on, line.channel) for line in lines)
    return written.getvalue()


def compare(bank: Sequence[Payment], here: Sequence[Payment], suspense: Iterable[str]) -> Comparison:
    """Returns each receipt of a day once, in order of receipt: those of the bank, those recorded here, those in suspense."""
    theirs, ours, waiting = {line.receipt: line for line in bank}, {line.receipt: line for line in here}, set(suspense)
    return Comparison(tuple(_one(theirs.get(receipt), ours.get(receipt), waiting=receipt in waiting) for receipt in sorted(theirs | ours)))


def _one(bank: Payment | None, here: Payment | None, *, waiting: bool) -> Compared:
    if bank is None or here is None:
        line = bank or here
        if line is None:
            message = "a receipt of neither side"
            raise ValueError(message)
        kind = "missing_there" if bank is None else "suspended" if waiting else "missing_here"
        return Compared(kind, line.receipt, line.charge, line.rupiah)
    # The charge may differ: a payer wrote another number, and a treasurer has assigned the money since.
    if bank.rupiah == here.rupiah:
        return Compared("matched", bank.receipt, bank.charge, bank.rupiah)
    return Compared("differing", bank.receipt, bank.charge, abs(bank.rupiah - here.rupiah))
