"""What a stage knows of each subject: the folded case, its own last number, and its own events still on the way; a bounded cache over the store."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from shared.case import Case, empty_case, fold, with_pending
from shared.city import CITY_SUBJECTS, City, fold_city, is_city_subject
from shared.code import is_code
from shared.envelope import Entry, decode, read_entry
from shared.events import AnyEvent
from shared.kit.store import Store
from shared.sop.model import Sop


@dataclass(frozen=True, slots=True)
class Known:
    """One subject: `number` is the sender's last one there, `pending` its events that the ledger has not entered yet."""

    case: Case
    number: int = 0
    pending: tuple[AnyEvent, ...] = ()

    def to_decide_on(self, sender: str, sops: Mapping[str, Sop], now: Callable[[], str]) -> Case:
        """Returns the case with the sender's own events still on the way, as if entered now; those that a refusal has voided are left out."""
        if not self.pending:
            return self.case
        refused_at, _ = self.case.refusals.get(sender, (0, ""))
        standing = [event for event in self.pending if event.data.KIND == "fact" or event.basis >= refused_at]
        return with_pending(self.case, standing, sops, now()) if standing else self.case

    def after(self, entry: Entry, sender: str, sops: Mapping[str, Sop]) -> "Known":
        """Returns what is known after one more entry."""
        event, pending, number = entry.event, self.pending, self.number
        if event.sender == sender:
            number = max(number, event.number)
            if pending:
                pending = tuple(waiting for waiting in pending if waiting.number > event.number)
        if not is_code(entry.subject):
            return Known(replace(self.case, sequence=entry.stamp.sequence), number, pending)
        return Known(fold(self.case, entry, sops), number, pending)

    def saying(self, event: AnyEvent) -> "Known":
        """Returns what is known after saying one more event."""
        return replace(self, number=event.number, pending=(*self.pending, event))


class Subjects:
    """A cache of `Known` by subject, bounded by count, filled from the store's entries and own events."""

    def __init__(self, store: Store, sender: str, subjects_max: int) -> None:
        self._store = store
        self._sender = sender
        self._max = subjects_max
        self._known: OrderedDict[str, Known] = OrderedDict()

    def get(self, subject: str, sops: Mapping[str, Sop]) -> Known:
        """Returns what is known of a subject, folding its entries when it is not in the cache."""
        if subject in self._known:
            self._known.move_to_end(subject)
        else:
            self.prepare((subject,), sops)
        return self._known[subject]

    def prepare(self, subjects: Iterable[str], sops: Mapping[str, Sop]) -> None:
        """Reads what is not in the cache of many subjects at once."""
        missing = [subject for subject in dict.fromkeys(subjects) if subject not in self._known]
        if not missing:
            return
        found = {subject: Known(empty_case(subject)) for subject in missing}
        for stored in self._store.streams(missing):
            found[stored.subject] = found[stored.subject].saying(decode(stored.raw))
        for row in self._store.rows("SELECT subject, raw FROM entries WHERE subject = ANY(%b) ORDER BY subject, sequence", (missing,)):
            found[row["subject"]] = found[row["subject"]].after(read_entry(bytes(row["raw"])), self._sender, sops)
        self._known.update(found)

    def begin(self, subject: str) -> None:
        """Remembers a subject of which nothing can be stored: somebody else has just said its first event."""
        self._known.setdefault(subject, Known(empty_case(subject)))

    def put(self, changed: Mapping[str, Known]) -> None:
        """Remembers what a committed transaction changed."""
        for subject, known in changed.items():
            self._known[subject] = known
            self._known.move_to_end(subject)
        while len(self._known) > self._max:
            self._known.popitem(last=False)

    def forget(self, subjects: Iterable[str]) -> None:
        """Forgets subjects that were dropped from the store."""
        for subject in subjects:
            self._known.pop(subject, None)

    def clear(self) -> None:
        """Forgets everything, so that it is read from the store again."""
        self._known.clear()


def load_city(store: Store) -> City:
    """Folds the city's rules from the stored entries."""
    city = City()
    statement = "SELECT raw FROM entries WHERE subject LIKE ANY(%s) ORDER BY position"
    for row in store.rows(statement, ([f"{prefix}%" for prefix in CITY_SUBJECTS],)):
        entry = read_entry(bytes(row["raw"]))
        if is_city_subject(entry.subject):
            city = fold_city(city, entry)
    return city
