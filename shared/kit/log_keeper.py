"""The task beside the ledger that lets the city's log grow and has it signed; what stops it is shown, and the ledger goes on."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from shared.kit.city_log import CityLog, Mismatch
from shared.kit.cosigning import Cosigning, read_witnesses
from shared.kit.http import Site
from shared.kit.kafka import retrying
from shared.kit.settings import Settings, SettingsError
from shared.kit.store import Store, StoreError
from shared.kit.telemetry import log
from shared.kit.tile_folder import TileFolder
from shared.proof.checkpoint import origin_of
from shared.proof.errors import ProofError
from shared.proof.keys import LOG, SignerKey, read_signer

LOOK_SECONDS: Final = 1.0
PART: Final = "log"


def read_log_key(settings: Settings, file: Path) -> SignerKey:
    """Returns the key that signs the log's checkpoints; raises `SettingsError` when it is none, or another log's."""
    wanted = origin_of(settings.city, settings.clock)
    try:
        key = read_signer(file.read_text(encoding="ascii").strip())
    except (OSError, UnicodeDecodeError, ProofError) as error:
        message = (
            f"The log's key {file} cannot be used ({type(error).__name__}). Restore it from your backup; a new key begins another log."
        )
        raise SettingsError(message) from None
    if key.name != wanted or key.kind != LOG:
        message = (
            f"The log's key {file} is that of {key.name}, and this ledger keeps {wanted}. Name the right key, or another folder of data."
        )
        raise SettingsError(message)
    return key


class LogKeeper:
    """Signs within seconds what is entered, as long as entries, tiles and checkpoint agree."""

    def __init__(self, settings: Settings, store: Store, site: Site, published: Callable[[], int]) -> None:
        """`published` says up to which position everybody has been told: nothing else is signed, so that no signed entry can be lost."""
        self._settings = settings
        self._store = store
        self._health = site.health
        self._metrics = site.metrics
        self._published = published
        self._opened = False
        self._stopped = ""
        self.log: CityLog | None = None
        self._cosigning: Cosigning | None = None

    def details(self) -> dict[str, Any]:
        """Returns what the health of the ledger tells about its log: sizes signed and published, and each witness."""
        signed, published = (self.log.signed, self.log.published) if self.log else (None, None)
        return {
            "signed": signed.size if signed else 0,
            "published": published.size if published else 0,
            "witnesses": self._cosigning.details() if self._cosigning else [],
            "stopped": self._stopped,
        }

    async def run(self) -> None:
        """Keeps the log until cancelled, or until something does not agree."""
        settings = self._settings
        if settings.log_key_file is None or settings.log_folder is None:
            self._stop("no key or no folder is set for the log: nothing is signed")
            return
        try:
            signer, witnesses = read_log_key(settings, settings.log_key_file), read_witnesses(settings)
        except SettingsError as error:
            self._stop(str(error))
            return
        self.log = CityLog(self._store, TileFolder(settings.log_folder), signer, witnesses.trusted)
        if not witnesses.all:
            await self._sign()
            return
        self._cosigning = Cosigning(self.log, witnesses, self._health.problem)
        async with asyncio.TaskGroup() as tasks:
            collecting = tasks.create_task(self._cosigning.run())
            await self._sign()
            # What does not agree is not shown to witnesses either.
            collecting.cancel()

    async def _sign(self) -> None:
        """Signs until something does not agree."""
        try:
            while True:
                await retrying(PART, self._step, (*StoreError, OSError), self._health.problem)
                await asyncio.sleep(LOOK_SECONDS)
        except Mismatch as mismatch:
            self._stop(f"nothing more is signed: {mismatch}")

    async def _step(self) -> None:
        log_, published = self.log, self._published()
        if log_ is None or (self._opened and published <= log_.size):
            return
        opened, self._opened = self._opened, False
        if not opened:
            await asyncio.to_thread(log_.open)
        if published > log_.size:
            await asyncio.to_thread(log_.advance, published)
        self._opened = True
        self._metrics.signed.set(log_.size)

    def _stop(self, reason: str) -> None:
        self._stopped = reason
        self._health.problem(PART, reason)
        log().error("the log is not signed", reason=reason)
