"""What anybody may have counted over the whole city: counted once for all who ask, and so seldom that asking cannot keep the tracker busy."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from shared.kit.stage import Stage

RESTS: Final = 20  # times as long as the count took: at most a twentieth of one core, however large the city and whoever asks
Counted = tuple[int, Any]


class Kept:
    """One count: as it stood at some position of the ledger, and made again when that has moved on and the last count has rested."""

    def __init__(self, count: Callable[[Stage], Any], now: Callable[[], float] = time.monotonic) -> None:
        self._count = count
        self._now = now
        self._counting: asyncio.Task[Counted] | None = None
        self._rested_at = 0.0

    async def of(self, stage: Stage) -> Counted:
        """Returns the position from which it was counted, and the count; whoever asks while it is made waits for the same one."""
        if self._counting is None or (self._counting.done() and self._is_over(self._counting, stage)):
            self._counting = asyncio.create_task(self._made(stage))
        return await asyncio.shield(self._counting)

    def _is_over(self, last: asyncio.Task[Counted], stage: Stage) -> bool:
        if last.cancelled() or last.exception():
            return True
        return last.result()[0] != stage.position and self._now() >= self._rested_at

    async def _made(self, stage: Stage) -> Counted:
        position, began = stage.position, self._now()
        found = await asyncio.to_thread(self._count, stage)
        ended = self._now()
        self._rested_at = ended + RESTS * (ended - began)
        return position, found
