"""Where a process takes its time from: the system, or in a training city the feed, which moves months in minutes."""

import threading
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Gives the current time as an aware UTC datetime."""

    def now(self) -> datetime:
        """Returns the time."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Returns the time."""
        return datetime.now(UTC)


class FeedClock:
    """A training city's clock: the latest time it was told; it never goes back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = datetime(1990, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """Returns the time last told."""
        return self._now

    def advance(self, instant: datetime) -> None:
        """Moves the clock forward; an earlier instant changes nothing."""
        with self._lock:
            self._now = max(self._now, instant)


def make_clock(kind: str) -> SystemClock | FeedClock:
    """Returns the clock of the setting `JEJAK_CLOCK`."""
    return FeedClock() if kind == "feed" else SystemClock()
