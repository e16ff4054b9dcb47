"""HTTP for every service: strict bodies, problem+json, bearer tokens, idempotency keys, health, metrics; doors are a table, not code."""

import hashlib
import hmac
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from prometheus_client import generate_latest
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.code import CodeError, parse_code
from shared.kit.openapi import PROBLEM, complete
from shared.kit.store import StoreError, ValueRefused
from shared.kit.telemetry import Metrics, log, new_trace, trace_parent
from shared.kit.tokens import Actor, keyed, read_token
from shared.kit.tracing import Step, begin, request_step
from shared.refusals import REFUSALS, Refusal, explain

BODY_BYTES_MAX: Final = 1024 * 1024
DEPTH_MAX: Final = 40
KEY_CHARACTERS_MAX: Final = 128
LANGUAGES: Final = ("id", "en")
NUL: Final = "nul"  # what a refused request is about: PostgreSQL keeps no text with a NUL in it


class Body(BaseModel):
    """A command's body: strict and frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


@dataclass
class Health:
    """What works and what does not; `problems` maps a part to what is wrong with it."""

    ready: bool = False
    problems: dict[str, str] = field(default_factory=dict)
    details: Callable[[], dict[str, Any]] = dict

    def problem(self, part: str, what: str) -> None:
        """Notes what is wrong with a part, or with an empty text that it works."""
        if what:
            self.problems[part] = what
        else:
            self.problems.pop(part, None)


class Answer(Response):
    """A JSON answer by orjson."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - any JSON value
        """Returns the bytes."""
        return orjson.dumps(content)


def language(request: Request) -> str:
    """Returns `id` or `en`: the query, then the cookie, then Accept-Language, then Indonesian."""
    wanted = request.query_params.get("lang") or request.cookies.get("lang") or request.headers.get("accept-language", "")[:2]
    return wanted if wanted in LANGUAGES else "id"


def problem(refusal: Refusal, tongue: str) -> Response:
    """Returns a refusal as RFC 9457 problem+json."""
    sentence, following = explain(refusal.code, tongue)
    status = REFUSALS[refusal.code].status
    content = {"type": f"/refusals/{refusal.code}", "title": sentence, "status": status, "detail": following, "code": refusal.code}
    if refusal.about:
        content["about"] = refusal.about
    if refusal.findings:
        content["findings"] = refusal.findings
    if step := request_step.get():
        step.note(refused=refusal.code)
    return Response(orjson.dumps(content), status, media_type=PROBLEM, headers={"content-language": tongue})


def strict_json(raw: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Parses a body; raises `Refusal("malformed")` for duplicate keys, NaN, deep nesting, invalid UTF-8 and NUL."""
    if raw.count(b"[") + raw.count(b"{") > DEPTH_MAX and _depth(raw) > DEPTH_MAX:
        raise Refusal("malformed", "nesting")
    try:
        found = json.loads(raw.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refusal("malformed", "json") from None
    # Only written like this can a NUL be in a text of JSON.
    if b"\\u0000" in raw and _holds_nul(found):
        raise Refusal("malformed", NUL)
    return found


def _holds_nul(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return any(_holds_nul(part) for item in value.items() for part in item)
    return any(_holds_nul(part) for part in value) if isinstance(value, list) else isinstance(value, str) and "\x00" in value


def _depth(raw: bytes) -> int:
    deepest = depth = 0
    for byte in raw:
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refusal("malformed", "duplicate-key")
    return found


def _no_constant(name: str) -> None:
    raise Refusal("malformed", name.lower().strip("-"))


@dataclass(frozen=True)
class Site:
    """What the doors of one process share."""

    service: str
    metrics: Metrics
    health: Health
    tokens_key: bytes
    city_key: bytes

    def actor(self, request: Request, *roles: str) -> Actor:
        """Returns who acts; raises `Refusal` when nobody signed in or the role does not fit."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Refusal("not-signed-in")
        actor = read_token(token.strip(), self.tokens_key, datetime.now(UTC))
        if roles and actor.role not in roles:
            raise Refusal("not-allowed", actor.role)
        return actor

    def kept_key(self, key: str) -> str:
        """Returns the form in which an idempotency key is kept: a caller may have made it of anything, of a NIK too."""
        return keyed(self.city_key, f"idempotency\n{key}")

    def request_digest(self, path: str, raw: bytes) -> bytes:
        """Returns what tells two requests with the same key apart: path and body, keyed, since who knows the rest of a body could try all NIKs."""
        return hmac.digest(self.city_key, path.encode() + b"\n" + raw, hashlib.sha256)


def body_as(raw: bytes, model: type[Any]) -> Any:  # noqa: ANN401 - an instance of the model
    """Reads a strict body as a model; raises `Refusal("malformed")` naming the field, never its value."""
    strict_json(raw)
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        code = "nik-invalid" if place.rpartition(".")[2] == "nik" else "malformed"
        raise Refusal(code, place) from None


def idempotency_key(request: Request, site: Site) -> str:
    """Returns the key of a command in its kept form; raises `Refusal` when it is missing or too long."""
    key = request.headers.get("idempotency-key", "").strip()
    if not key or len(key) > KEY_CHARACTERS_MAX or not key.isprintable():
        raise Refusal("idempotency-key-missing")
    return site.kept_key(key)


def code_of(typed: str) -> str:
    """Returns the canonical code of a path segment; raises `Refusal("mistyped-code")`."""
    try:
        return parse_code(typed)
    except CodeError as error:
        raise Refusal("mistyped-code", error.reason if error.index is None else f"{error.reason} {error.index + 1}") from None


def make_app(site: Site, title: str) -> FastAPI:  # noqa: C901 - a list of small handlers, one branch each
    """Returns the FastAPI app with what every service answers."""
    app = FastAPI(title=title, version="1", docs_url=None, redoc_url=None, default_response_class=Answer)
    app.add_middleware(_Shell, site=site)

    @app.exception_handler(Refusal)
    async def refused(request: Request, refusal: Refusal) -> Response:
        return problem(refusal, language(request))

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> Response:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        return problem(Refusal("malformed", place), language(request))

    @app.exception_handler(HTTPException)
    async def not_found(request: Request, error: HTTPException) -> Response:
        code = {404: "not-found", 405: "not-found", 413: "body-too-large"}.get(error.status_code, "malformed")
        return problem(Refusal(code), language(request))

    for failure in StoreError:

        @app.exception_handler(failure)
        async def unavailable(request: Request, error: Exception) -> Response:
            log().warning("the database did not answer", error=type(error).__name__)
            return problem(Refusal("not-ready"), language(request))

    for failure in ValueRefused:

        @app.exception_handler(failure)
        async def not_storable(request: Request, error: Exception) -> Response:
            log().warning("the database refused a value of a request", error=type(error).__name__)
            return problem(Refusal("malformed"), language(request))

    @app.get("/livez", operation_id="livez", tags=["operations"])
    async def livez() -> Answer:
        return Answer({"status": "alive"})

    @app.get("/readyz", operation_id="readyz", tags=["operations"])
    async def readyz() -> Answer:
        health = site.health
        content = {"status": "ready" if health.ready else "starting", "problems": health.problems, **health.details()}
        return Answer(content, 200 if health.ready else 503)

    @app.get("/metrics", operation_id="metrics", tags=["operations"])
    async def metrics() -> Response:
        return Response(generate_latest(site.metrics.registry), media_type="text/plain; version=0.0.4")

    @app.get("/refusals/{code}", operation_id="explain_refusal", tags=["reference"])
    async def refusal_page(code: str) -> Answer:
        known = REFUSALS.get(code)
        if known is None:
            raise Refusal("not-found")
        return Answer({"code": code, "status": known.status, "id": explain(code, "id"), "en": explain(code, "en")})

    complete(app)
    return app


class _Shell:
    """Around every request: a bound on the body, a trace, a measured answer, and no stack trace to anybody."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        incoming = request.headers.get("traceparent", "")
        step = begin("command", incoming) if scope["method"] == "POST" else None
        token = trace_parent.set(step.traceparent if step else new_trace(incoming))
        step_token = request_step.set(step)
        started, status, begun = time.perf_counter(), 500, False

        async def counted(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
            await send(message)

        try:
            length = request.headers.get("content-length", "0")
            if not length.isdecimal():
                raise Refusal("malformed", "content-length")
            if int(length) > BODY_BYTES_MAX:
                raise Refusal("body-too-large")
            if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
                raise Refusal("malformed", NUL)
            await self._app(scope, _bounded(receive), counted)
        except Refusal as refusal:
            await problem(refusal, language(request))(scope, receive, counted)
        except Exception:
            log().exception("a request failed", method=scope["method"])
            if begun:
                raise
            await problem(Refusal("internal"), language(request))(scope, receive, counted)
        finally:
            trace_parent.reset(token)
            request_step.reset(step_token)
            _end(step, scope)
            self._site.metrics.requests.labels(scope["method"], str(status)).observe(time.perf_counter() - started)


def _end(step: Step | None, scope: Scope) -> None:
    """Ends a command's step under the name of its door, never under the address that was asked for."""
    if step is not None:
        door = getattr(scope.get("route"), "operation_id", None)
        step.note(name=f"command {door}" if door else "")
        step.end()


def _bounded(receive: Receive) -> Callable[[], Awaitable[Message]]:
    """Counts a body without a declared length and refuses it once it is too large."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > BODY_BYTES_MAX:
            raise Refusal("body-too-large")
        return message

    return bounded
