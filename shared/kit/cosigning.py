"""The ledger's side of its witnesses: each newest checkpoint is shown to all of them, and published once enough have signed it.

Nothing that a witness does, or does not do, stops the ledger or the signing: what is asked is bounded in time and size, and only a valid
signature of the very checkpoint counts.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx

from shared.kit.city_log import CityLog, Signed
from shared.kit.settings import Settings, SettingsError
from shared.kit.telemetry import log
from shared.proof.errors import ProofError
from shared.proof.keys import WITNESS, VerifierKey, read_verifier
from shared.proof.note import Signature
from shared.proof.witness import ANSWER_BYTES_MAX, SIZE_TYPE, Request, Witnesses, cosignatures, read_answer, read_size

LOOK_SECONDS: Final = 0.2
ASK_SECONDS_MAX: Final = 5.0
# So long a checkpoint waits for those that are not needed, and so long for those that are: longer than two requests, so that all meet at one.
GRACE_SECONDS: Final = 1.0
ROUND_SECONDS: Final = 12.0
RETRY_SECONDS_MIN: Final = 1.0
RETRY_SECONDS_MAX: Final = 30.0
CONFLICT: Final = 409


class Witness(NamedTuple):
    """A witness as the ledger knows it; `url` is what comes before `/add-checkpoint`."""

    key: VerifierKey
    url: str


class Asked(NamedTuple):
    """The witnesses of a ledger with their addresses, and how many of them have to sign before a checkpoint is published."""

    all: tuple[Witness, ...] = ()
    needed: int = 0

    @property
    def trusted(self) -> Witnesses:
        """What the log needs to know of them."""
        return Witnesses(tuple(witness.key for witness in self.all), self.needed)


def read_witnesses(settings: Settings) -> Asked:
    """Returns the configured witnesses; raises `SettingsError`."""
    file = settings.witnesses_file
    found = _read_lines(file) if file is not None else ()
    if settings.witnesses_quorum > len(found):
        message = (
            f"{settings.witnesses_quorum} witnesses are to sign, and {len(found)} are named. Lower JEJAK_WITNESSES_QUORUM, or name more "
            "in the file of JEJAK_WITNESSES_FILE."
        )
        raise SettingsError(message)
    return Asked(found, settings.witnesses_quorum)


def _read_lines(file: Path) -> tuple[Witness, ...]:
    try:
        lines = [line.split() for line in file.read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#")]
        found = tuple(Witness(read_verifier(key), _checked_url(url)) for key, url in lines)
        if any(witness.key.kind != WITNESS for witness in found):
            raise ProofError("malformed-key", "not a witness's key")
    except (OSError, ValueError, httpx.InvalidURL) as error:
        message = f"The witnesses in {file} cannot be read ({type(error).__name__}). Each line is a public key (vkey), a space and an http(s) address."
        raise SettingsError(message) from None
    if len({witness.key.public for witness in found}) < len(found):
        message = f"The witnesses in {file} are not all different. One key counts once."
        raise SettingsError(message)
    return found


def _checked_url(url: str) -> str:
    parsed = httpx.URL(url)
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError
    return url.rstrip("/")


@dataclass
class Standing:
    """How a witness is: the size it last signed, since when it has not signed what it was shown, and why."""

    size: int = 0
    behind_since: datetime | None = None
    reason: str = ""

    def fail(self, reason: str, now: datetime) -> None:
        """Notes that the witness did not sign."""
        self.behind_since, self.reason = self.behind_since or now, reason

    def succeed(self, size: int) -> None:
        """Notes that the witness has signed a checkpoint of a size."""
        self.size, self.behind_since, self.reason = size, None, ""


class Cosigning:
    """Collects cosignatures for a log's newest checkpoint, one checkpoint at a time, until cancelled."""

    def __init__(self, city_log: CityLog, witnesses: Asked, problem: Callable[[str, str], None]) -> None:
        """`problem` takes a part and what is wrong with it, or an empty text."""
        self._log = city_log
        self._witnesses = witnesses
        self._problem = problem
        self._standings = {witness.key: Standing() for witness in witnesses.all}
        self._candidate: Signed | None = None
        self._signatures: dict[VerifierKey, Signature] = {}
        self._begun = 0.0
        self._changed = asyncio.Condition()

    def details(self) -> list[dict[str, Any]]:
        """Returns what health tells of each witness."""
        return [
            {
                "name": key.name,
                "size": standing.size,
                "behind_since": standing.behind_since.isoformat(timespec="seconds") if standing.behind_since else None,
                "reason": standing.reason,
            }
            for key, standing in self._standings.items()
        ]

    async def run(self) -> None:
        """Asks all witnesses, each at its own pace."""
        async with (
            httpx.AsyncClient(timeout=ASK_SECONDS_MAX, headers={"accept-encoding": "identity"}) as client,
            asyncio.TaskGroup() as tasks,
        ):
            for witness in self._witnesses.all:
                tasks.create_task(self._attend(witness, client))
            while True:
                await self._look()
                await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        """Publishes what has enough signatures, and goes on to the newest checkpoint when it is time."""
        candidate = self._candidate
        if candidate is not None and len(self._signatures) >= self._witnesses.needed:
            await self._publish(candidate)
        newest = self._log.signed
        if newest is not None and newest.size != (candidate.size if candidate else -1) and self._is_over():
            async with self._changed:
                self._candidate, self._begun = newest, time.monotonic()
                self._signatures = {key: signature for key, signature, _ in cosignatures(newest.note, tuple(self._standings))}
                for key in self._signatures:
                    self._standings[key].succeed(newest.size)
                self._changed.notify_all()

    def _is_over(self) -> bool:
        """Says whether the candidate's time is over: all have signed, or enough have and the others had time, or it took too long."""
        if self._candidate is None or len(self._signatures) == len(self._witnesses.all):
            return True
        enough = len(self._signatures) >= self._witnesses.needed
        return time.monotonic() - self._begun > (GRACE_SECONDS if enough else ROUND_SECONDS)

    async def _publish(self, candidate: Signed) -> None:
        own = {(key.name, key.id) for key in self._standings}
        others = tuple(each for each in candidate.note.signatures if (each.name, each.key_id) not in own)
        collected = tuple(self._signatures[key] for key in self._standings if key in self._signatures)
        note = candidate.note._replace(signatures=(*others, *collected))
        published = self._log.published
        if published is not None and (published.size > candidate.size or published.note == note):
            return
        try:
            await asyncio.to_thread(self._log.publish, Signed(candidate.size, note))
        except OSError as error:
            self._problem("witnesses", f"the cosigned checkpoint could not be written ({error.strerror})")
        else:
            self._problem("witnesses", "")

    # One witness

    async def _attend(self, witness: Witness, client: httpx.AsyncClient) -> None:
        standing, delay = self._standings[witness.key], RETRY_SECONDS_MIN
        while True:
            candidate = await self._unsigned_by(witness)
            try:
                async with asyncio.timeout(ASK_SECONDS_MAX):
                    signature = await self._ask(witness, candidate, client)
            except Exception as error:  # noqa: BLE001 - whatever a witness sends, the ledger goes on
                self._fail(witness, _reason(error))
                await asyncio.sleep(delay)
                delay = min(delay * 2, RETRY_SECONDS_MAX)
                continue
            delay = RETRY_SECONDS_MIN
            standing.succeed(candidate.size)
            self._problem(_part(witness), "")
            if candidate is self._candidate:
                self._signatures[witness.key] = signature

    async def _unsigned_by(self, witness: Witness) -> Signed:
        """Waits for a checkpoint that the witness has not signed."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._candidate is not None and witness.key not in self._signatures)
            assert self._candidate is not None  # noqa: S101 - for mypy: just waited for
            return self._candidate

    async def _ask(self, witness: Witness, candidate: Signed, client: httpx.AsyncClient) -> Signature:
        """Returns a witness's signature of a checkpoint; raises for everything else that it does."""
        answer = await self._post(witness, self._standings[witness.key].size, candidate, client)
        if (size := answer.size()) is not None and size <= candidate.size:
            answer = await self._post(witness, size, candidate, client)
        if (size := answer.size()) == candidate.size:
            raise ProofError("forked", f"it has signed another tree of {size} entries")
        if size is not None and size > candidate.size:
            raise ProofError("ahead", f"it has signed {size} entries, and the ledger {candidate.size}")
        if answer.status != httpx.codes.OK:
            raise ProofError("refused", f"it answered {answer.status}")
        return read_answer(answer.raw, candidate.note, witness.key)

    async def _post(self, witness: Witness, old: int, candidate: Signed, client: httpx.AsyncClient) -> "_Answer":
        if old > candidate.size:
            raise ProofError("ahead", f"it has signed {old} entries, and the ledger {candidate.size}")
        proof = await asyncio.to_thread(self._log.grown, old, candidate.size)
        raw = b""
        async with client.stream("POST", f"{witness.url}/add-checkpoint", content=Request(old, proof, candidate.note).to_bytes()) as answer:
            async for part in answer.aiter_raw():
                raw += part
                if len(raw) > ANSWER_BYTES_MAX:
                    raise ProofError("too-large", f"its answer has more than {ANSWER_BYTES_MAX} bytes")
        return _Answer(answer.status_code, answer.headers.get("content-type", "").partition(";")[0].strip(), raw)

    def _fail(self, witness: Witness, reason: str) -> None:
        standing = self._standings[witness.key]
        if not standing.behind_since:
            log().warning("a witness does not sign", witness=witness.key.name, reason=reason)
        standing.fail(reason, datetime.now(UTC))
        since = standing.behind_since.isoformat(timespec="seconds") if standing.behind_since else ""
        self._problem(_part(witness), f"behind since {since}: {reason}")


class _Answer(NamedTuple):
    status: int
    kind: str
    raw: bytes

    def size(self) -> int | None:
        """Returns the size that the witness says it has signed last, where that is its answer; raises `ProofError`."""
        return read_size(self.raw) if self.status == CONFLICT and self.kind == SIZE_TYPE else None


def _part(witness: Witness) -> str:
    return f"witness {witness.key.name}"


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, ProofError) else f"no answer ({type(error).__name__})"
