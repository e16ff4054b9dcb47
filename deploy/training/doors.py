"""The documented doors of a city as the feed knocks at them: patient with a service that restarts, plain about a refusal."""

import asyncio
import http.client
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, LifoQueue
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
CALLS_AT_ONCE_MAX: Final = 16
IDLE_SECONDS_MAX: Final = 2.0  # a service closes an idle connection after five
PAGE_ENTRIES: Final = 1000
LEDGER: Final = "ledger"


class TrainingError(Exception):
    """The feed cannot go on; both parts are sentences for the person at the keyboard."""

    def __init__(self, sentence: str, next_step: str) -> None:
        super().__init__(f"{sentence} {next_step}")
        self.sentence = sentence
        self.next_step = next_step


class Connections:
    """Those to one service, kept open; a call takes a ninth of the CPU of one by httpx's asynchronous client, and a play has many."""

    def __init__(self, url: str) -> None:
        self._at = httpx.URL(url)
        self._idle = LifoQueue[tuple[float, http.client.HTTPConnection]]()

    def call(self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]) -> httpx.Response:
        """Returns the answer to one request; raises `OSError` or `HTTPException` when there is none."""
        connection = self._connection()
        try:
            connection.request(method, path, content, dict(headers))
            answer = connection.getresponse()
            found = httpx.Response(answer.status, headers=answer.getheaders(), content=answer.read())
        except BaseException:
            connection.close()
            raise
        self._idle.put((time.monotonic(), connection))
        return found

    def _connection(self) -> http.client.HTTPConnection:
        with suppress(Empty):
            while True:
                since, connection = self._idle.get_nowait()
                if time.monotonic() - since < IDLE_SECONDS_MAX:
                    return connection
                connection.close()
        return http.client.HTTPConnection(self._at.host, self._at.port, timeout=TIMEOUT_SECONDS)

    def close(self) -> None:
        """Closes the connections."""
        with suppress(Empty):
            while True:
                self._idle.get_nowait()[1].close()


class Doors:
    """Every service's doors, asked as whoever has to ask."""

    def __init__(self, urls: Mapping[str, str], mint: Callable[[Actor], str]) -> None:
        self.services = tuple(urls)
        self._mint = mint
        self._tokens: dict[Actor, str] = {}
        self._connections = {name: Connections(url) for name, url in urls.items()}
        self._callers = ThreadPoolExecutor(CALLS_AT_ONCE_MAX, "doors")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self._callers.shutdown)
        for opened in self._connections.values():
            opened.close()

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
                answer = await loop.run_in_executor(self._callers, self._connections[service].call, method, path, content, headers())
            except (OSError, http.client.HTTPException) as error:
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
