"""The documented doors of a city as the feed knocks at them: patient with a service that restarts, plain about a refusal."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, Self

import httpx
import orjson

from shared.envelope import Entry, read_entry
from shared.kit.feed import HEAD_HEADER
from shared.kit.tokens import Actor

AUDITOR: Final = Actor("auditor umpan", "auditor")
CLOCK: Final = Actor("jam kota latihan", "feed")
TIMEOUT_SECONDS: Final = 60.0
PATIENCE_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 0.25
NOT_READY: Final = 503
PAGE_ENTRIES: Final = 1000
LEDGER: Final = "ledger"


class TrainingError(Exception):
    """The feed cannot go on; both parts are sentences for the person at the keyboard."""

    def __init__(self, sentence: str, next_step: str) -> None:
        super().__init__(f"{sentence} {next_step}")
        self.sentence = sentence
        self.next_step = next_step


class Doors:
    """Every service's doors, asked as whoever has to ask."""

    def __init__(self, urls: Mapping[str, str], mint: Callable[[Actor], str]) -> None:
        self.services = tuple(urls)
        self._mint = mint
        self._tokens: dict[Actor, str] = {}
        self._clients = {name: httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS) for name, url in urls.items()}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in self._clients.values():
            await client.aclose()

    def _bearer(self, actor: Actor) -> str:
        if actor not in self._tokens:
            self._tokens[actor] = f"Bearer {self._mint(actor)}"
        return self._tokens[actor]

    async def knock(
        self,
        service: str,
        method: str,
        path: str,
        actor: Actor,
        *,
        body: object = None,
        key: str = "",
        match: str = "",
        wait_seconds: int = 0,
    ) -> httpx.Response:
        """Returns a service's answer; while it restarts, asks again: whatever has a key is done once."""
        headers = {"authorization": self._bearer(actor), "accept-language": "en"}
        if key:
            headers["idempotency-key"] = key
        if match:
            headers["if-match"] = match
        if wait_seconds:
            headers["prefer"] = f"wait={wait_seconds}"
        content = None if body is None else orjson.dumps(body)
        return await self._patiently(service, method, path, content, lambda: headers)

    async def send(self, service: str, path: str, content: bytes, headers: Callable[[], dict[str, str]]) -> httpx.Response:
        """Returns a service's answer to who has no token but signs: the headers are made anew for every try."""
        return await self._patiently(service, "POST", path, content, headers)

    async def _patiently(
        self, service: str, method: str, path: str, content: bytes | None, headers: Callable[[], dict[str, str]]
    ) -> httpx.Response:
        loop = asyncio.get_running_loop()
        end, problem = loop.time() + PATIENCE_SECONDS, ""
        while loop.time() < end:
            try:
                answer = await self._clients[service].request(method, path, content=content, headers=headers())
            except httpx.TransportError as error:
                problem = type(error).__name__
            else:
                if answer.status_code != NOT_READY:
                    return answer
                problem = "not ready"
            await asyncio.sleep(PAUSE_SECONDS)
        raise TrainingError(f"{service} does not answer ({problem}).", "Look at its log, or run `jejak doctor`.")

    async def ask(self, service: str, path: str, actor: Actor = AUDITOR) -> Any:  # noqa: ANN401 - any JSON value
        """Returns the JSON of a question."""
        return _content(service, await self.knock(service, "GET", path, actor))

    async def entries(self, after: int) -> tuple[list[Entry], int]:
        """Returns a page of the ledger's entries after a position, and the ledger's head."""
        answer = await self.knock(LEDGER, "GET", f"/v1/entries?after={after}&limit={PAGE_ENTRIES}", AUDITOR)
        if not answer.is_success:
            _content(LEDGER, answer)
        return [read_entry(line) for line in answer.content.split(b"\n") if line], int(answer.headers[HEAD_HEADER])

    async def move_clock(self, now: str) -> int:
        """Moves the clock of a training city; returns how much the ledger said on the way."""
        return int(_content(LEDGER, await self.knock(LEDGER, "POST", "/v1/clock", CLOCK, body={"now": now}))["said"])


def refusal_of(answer: httpx.Response) -> str:
    """Returns the code of a refusal, empty when the answer is none."""
    return "" if answer.is_success else str(_problem(answer).get("code", answer.status_code))


def _content(service: str, answer: httpx.Response) -> Any:  # noqa: ANN401 - any JSON value
    if answer.is_success:
        return orjson.loads(answer.content)
    problem = _problem(answer)
    sentence = problem.get("title", f"It answered {answer.status_code}.")
    raise TrainingError(f"{service}: {sentence}", str(problem.get("detail", "Look at its log, or run `jejak doctor`.")))


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
