"""Logs as JSON lines without personal data, metrics for Prometheus, and W3C trace context through Kafka headers."""

import logging
import secrets
import sys
import traceback
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any, Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

trace_parent: ContextVar[str] = ContextVar("trace_parent", default="")
FRAMES_MAX: Final = 12
LATENCY_BUCKETS_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


def configure_logs(service: str, level: str, form: str) -> None:
    """Sends every log line to stderr, one JSON object each, with service and trace."""
    renderer: Any = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace,
    ]
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[*shared, _add_frames, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    handler = logging.StreamHandler(sys.stderr)
    formatter = structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[*shared, _add_frames], processor=renderer)
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _add_trace(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if parent := trace_parent.get():
        event["traceparent"] = parent
    return event


def _add_frames(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Says where an exception came from and of which type it is, never its message or variables: they may hold personal data."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-FRAMES_MAX:]
        event["exception"] = type(error).__name__
        event["frames"] = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def log() -> Any:  # noqa: ANN401 - structlog's loggers are untyped
    """Returns the logger."""
    return structlog.get_logger()


def new_trace(incoming: str = "") -> str:
    """Returns the trace context of a request: the caller's trace with a new span, or a new trace (W3C traceparent, version 00)."""
    parts = incoming.split("-")
    valid = len(parts) == 4 and parts[0] == "00" and len(parts[1]) == 32 and _is_hex(parts[1])  # noqa: PLR2004 - the header's shape
    trace = parts[1] if valid else secrets.token_hex(16)
    return f"00-{trace}-{secrets.token_hex(8)}-01"


def _is_hex(text: str) -> bool:
    return all(character in "0123456789abcdef" for character in text)


class Metrics:
    """The counters of one process; names follow Prometheus habits, units last."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.commands = Counter("jejak_commands", "Commands by outcome.", ["command", "outcome"], registry=self.registry)
        self.requests = Histogram(
            "jejak_http_seconds", "HTTP answers.", ["method", "status"], buckets=LATENCY_BUCKETS_SECONDS, registry=self.registry
        )
        self.entries = Counter("jejak_entries_applied", "Entries applied by the inbox.", registry=self.registry)
        self.position = Gauge("jejak_position", "Ledger position applied.", registry=self.registry)
        self.relayed = Counter("jejak_events_relayed", "Events published to Kafka.", registry=self.registry)
        self.outbox = Gauge("jejak_outbox_waiting", "Own events not yet published.", registry=self.registry)
        self.dead_letters = Counter("jejak_dead_letters", "Dead letters by code.", ["code"], registry=self.registry)
        self.repeats = Counter("jejak_repeats", "Events received again and dropped.", registry=self.registry)
        self.refused = Counter("jejak_refused", "Entries refused by code.", ["code"], registry=self.registry)
        self.held = Gauge("jejak_held_events", "Events waiting for an earlier number of their sender.", registry=self.registry)
        self.dropped = Counter("jejak_dropped", "Ended applications let go of.", registry=self.registry)
        self.delay = Histogram(
            "jejak_entry_delay_seconds", "Legal time to applied.", buckets=LATENCY_BUCKETS_SECONDS, registry=self.registry
        )
