"""The documented doors of a running local city, as the command line and the feed use them: addresses, tokens, answers."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx

from services.cli.errors import FINDING, USAGE, JejakError
from shared.kit.tokens import Actor, mint

if TYPE_CHECKING:
    from deploy.local.layout import Stack

TOKEN_HOURS: Final = 24
TIMEOUT_SECONDS: Final = 60.0
WAIT_SECONDS: Final = 10  # for what the ledger makes of a command


def local_stack(data: Path) -> "Stack":
    """Returns the city in a folder; raises `JejakError` when there is none."""
    from deploy.local import layout

    stack = layout.load(data)
    if stack is None:
        raise JejakError(USAGE, f"There is no city in {data}.", "Start one with `jejak up`, or name its folder with --data DIR.")
    return stack


def token(stack: "Stack", person: str, role: str, agency: str = "", systems: tuple[str, ...] = ()) -> str:
    """Returns a token minted by the local stack; `systems` are those that a link speaks for."""
    key = (stack.folder("secrets") / "tokens.key").read_bytes()
    return mint(Actor(person, role, agency, systems), key, datetime.now(UTC) + timedelta(hours=TOKEN_HOURS))


def client(stack: "Stack", service: str, bearer: str = "") -> httpx.Client:
    """Returns an HTTP client for one service."""
    headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
    return httpx.Client(base_url=stack.url(service), headers=headers, timeout=TIMEOUT_SECONDS)


def checked(answer: httpx.Response) -> Any:  # noqa: ANN401 - any JSON value
    """Returns the JSON of an answer; raises `JejakError` with the service's own sentence."""
    if answer.is_success:
        return answer.json()
    try:
        problem = answer.json()
        about = f" ({problem['about']})" if "about" in problem else ""
        sentence, following = problem["title"].rstrip(".") + f"{about}.", problem["detail"]
    except (ValueError, KeyError):
        sentence, following = f"The service answered {answer.status_code}.", "Look at its log, or run `jejak doctor`."
    raise JejakError(FINDING, sentence, following)


def asked(client_: httpx.Client, method: str, path: str, **options: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Asks a service and returns its JSON; raises `JejakError` when it cannot be reached or refuses."""
    try:
        return checked(client_.request(method, path, **options))
    except httpx.TransportError as error:
        raise JejakError(
            FINDING, f"{client_.base_url} does not answer ({type(error).__name__}).", "Start the city with `jejak up`."
        ) from None


def command_headers(lang: str) -> dict[str, str]:
    """Returns what every command says: a key of its own, that it waits for the ledger, and in which language it reads the answer."""
    return {"idempotency-key": uuid.uuid4().hex, "prefer": f"wait={WAIT_SECONDS}", "accept-language": lang}


def stands(said: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Returns what became of a command; raises `JejakError` with the ledger's reason when it refused it."""
    if said["status"] == "refused":
        raise JejakError(FINDING, said["title"], said["detail"])
    return said


def lines(answer: httpx.Response) -> Iterable[bytes]:
    """Yields the non-empty lines of an answer."""
    return (line for line in answer.content.split(b"\n") if line)
