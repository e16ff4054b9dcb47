"""The Markdown pages of docs/reference: events, refusals, settings, commands, doors and findings, each read off the code."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from services.cli.reference import commands, documents
from services.cli.stack import SERVICES
from shared.events import CONTRACT, EVENTS, Data
from shared.kit.settings import Settings
from shared.refusals import REFUSALS
from shared.schemas import schema_name
from shared.sop.findings import KINDS

MADE: Final = "*Made from the code by `jejak reference --write`; do not edit.*"
METHODS: Final = ("get", "post", "put", "delete")


def pages() -> dict[str, str]:
    """Returns every generated page and document by its path below docs/reference."""
    return {
        "events.md": events(),
        "refusals.md": refusals(),
        "settings.md": settings(),
        "commands.md": commands.page(MADE),
        "http.md": http(),
        "sop-findings.md": sop_findings(),
        **documents.files(),
    }


def events() -> str:
    """Returns the page of events, in the order an application meets them."""
    head = (
        "Every event is a CloudEvents 1.0 object in canonical form. A *decision* may be refused by the ledger; a *fact* never is. "
        f"The contract's number is {CONTRACT}. Each event has a JSON Schema in [schemas](schemas)."
    )
    return _page("Events", head, *(_event(data) for data in EVENTS))


def _event(data: type[Data]) -> str:
    label_id, label_en = data.LABELS
    name = schema_name(data)
    rows = [(f"`{field}`", "" if info.is_required() else "optional") for field, info in data.model_fields.items()]
    since = f", since contract {data.SINCE_CONTRACT}" if data.SINCE_CONTRACT > 1 else ""
    lines = [
        f"## {name}",
        f"{label_en} · *{label_id}* · {data.KIND} · said by {', '.join(sorted(data.SAID_BY))}{since} · [schema](schemas/{name}.json)",
        _sentence(data.__doc__),
        _table(("field", ""), rows),
    ]
    return "\n\n".join(lines)


def refusals() -> str:
    """Returns the page of refusal codes."""
    head = (
        "A refusal is an answer, not an error: `application/problem+json` with the code, a sentence and what to do next, in Indonesian or "
        "English (`Accept-Language`, `?lang=`). The ledger writes the same codes into the entries that it refuses."
    )
    rows = [(f"`{code}`", str(known.status), known.sentence_en, known.next_en, known.sentence_id) for code, known in REFUSALS.items()]
    return _page("Refusals", head, _table(("code", "status", "what it says", "what to do", "Indonesian"), rows))


def settings() -> str:
    """Returns the page of settings."""
    head = "A service reads these variables at its start; one that is missing or wrong stops it with a sentence."
    rows = []
    for name, info in Settings.model_fields.items():
        default = "required" if info.is_required() else f"`{info.default}`" if info.default not in ("", None) else "none"
        rows.append((f"`JEJAK_{name.upper()}`", default, _sentence(info.description)))
    return _page("Settings", head, _table(("variable", "default", "what it is"), rows))


def sop_findings() -> str:
    """Returns the page of what the lint of SOPs may find."""
    head = (
        "What `jejak sop check` may say of an SOP. An *error* means that it may not be published like this; a *warning* that a rule of the "
        "city or of the law is probably broken; *advice* that it could be simpler. In braces stand the names of the case. The form of an SOP "
        "file itself has a JSON Schema: [sop.v1](schemas/sop.v1.json)."
    )
    rows = [(f"`{code}`", kind.severity, kind.says.en, kind.mend.en, kind.says.id) for code, kind in KINDS.items()]
    return _page("Findings on SOPs", head, _table(("code", "severity", "what it says", "what to do", "Indonesian"), rows))


def http() -> str:
    """Returns the page of doors, service by service."""
    head = (
        "Every service answers its own [OpenAPI document](openapi) at `/openapi.json` and its [AsyncAPI document](asyncapi) at "
        "`/asyncapi.json`. Commands want a bearer token and an `Idempotency-Key`; they answer 202 with the ids of the events they said."
    )
    return _page("Doors", head, *(_doors(service, documents.openapi(service)) for service in SERVICES))


def _doors(service: str, document: dict[str, Any]) -> str:
    rows = []
    for path, operations in document["paths"].items():
        for method in METHODS:
            if operation := operations.get(method):
                body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
                what = _sentence(operation.get("description") or operation.get("summary"))
                token = "token" if operation.get("security") else ""
                rows.append((f"`{method.upper()} {path}`", what, _code(body.rpartition("/")[2]), token))
    return f"## {service}\n\n" + _table(("door", "what it does", "body", ""), rows)


def _page(title: str, head: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", MADE, head, *parts]) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _sentence(text: str | None) -> str:
    return " ".join((text or "").split())


def _code(text: str) -> str:
    return f"`{text}`" if text else ""
