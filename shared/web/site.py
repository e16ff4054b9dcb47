"""Renders pages and serves their one style sheet: strict templates, both languages, headers that let nothing foreign in."""

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.calendar import WIB
from shared.fields import to_instant
from shared.web import formats, texts

HERE: Final = Path(__file__).parent
LANGUAGE_COOKIE_SECONDS: Final = 365 * 24 * 3600
YEAR_SECONDS: Final = 365 * 24 * 3600
_MEDIA: Final = {"site.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}
FILES: Final = {name: (HERE / "static" / name).read_bytes() for name in _MEDIA}
VERSION: Final = hashlib.sha256(b"".join(FILES.values())).hexdigest()[:12]

# The address of a page holds an application's code, so it is sent to nobody and kept in no shared cache.
PAGE_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
    "cache-control": "private, no-cache",
    "vary": "accept-language, cookie",
}


class Pages:
    """The pages of one service: its templates and words on top of the shared ones."""

    def __init__(self, folder: Path, words: Mapping[str, tuple[str, str]]) -> None:
        self._words = {**texts.TEXTS, **words}
        self._environment = Environment(
            loader=FileSystemLoader([folder, HERE / "templates"]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    def render(self, template: str, tongue: str, **values: Any) -> str:  # noqa: ANN401 - whatever the template shows
        """Returns the page in one language."""

        def say(key: str, **places: object) -> str:
            return self._words[key][tongue == "en"].format(**places)

        helpers = {
            "tongue": tongue,
            "version": VERSION,
            "t": say,
            "own": lambda pair: pair[tongue],
            "listed": lambda items: formats.listed([item[tongue] for item in items], tongue),
            "time_text": lambda text: formats.time_text(to_instant(text), tongue),
            "day_text": lambda text: formats.day_text(date.fromisoformat(text), tongue, weekday=True),
            "due_text": lambda text: formats.day_text(to_instant(text).astimezone(WIB).date(), tongue, weekday=True),
            "rupiah": formats.rupiah,
            "working_time": lambda minutes, day_minutes: formats.working_time(minutes, day_minutes, tongue),
        }
        text = self._environment.get_template(template).render(**helpers, **values)
        return "\n".join(line for line in map(str.strip, text.split("\n")) if line) + "\n"

    def answer(self, request: Request, template: str, tongue: str, *, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 - the same
        """Returns the page as an answer; a language asked for in the address is remembered."""
        values["languages"] = {
            name: f"{request.url.path}?{request.url.include_query_params(lang=name).query}" for name in formats.LANGUAGES
        }
        headers = {**PAGE_HEADERS, "content-language": tongue}
        response = Response(self.render(template, tongue, **values), status, headers, media_type="text/html; charset=utf-8")
        if request.query_params.get("lang") in formats.LANGUAGES:
            secure = request.url.scheme == "https"
            response.set_cookie("lang", tongue, LANGUAGE_COOKIE_SECONDS, httponly=True, samesite="lax", secure=secure)
        return response


def add_static(app: FastAPI) -> None:
    """Adds the style sheet and the icon; their address changes with their content."""

    @app.get("/static/{name}", include_in_schema=False)
    async def static(name: str) -> Response:
        if name not in FILES:
            return Response(status_code=404)
        headers = {"cache-control": f"public, max-age={YEAR_SECONDS}, immutable", "x-content-type-options": "nosniff"}
        return Response(FILES[name], media_type=_MEDIA[name], headers=headers)
