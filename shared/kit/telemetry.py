"""Logs as JSON lines without personal data, metrics for Prometheus, and W3C trace context through Kafka headers."""

import asyncio
import logging
import re
import secrets
import sys
import traceback
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any, Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

trace_parent: ContextVar[str] = ContextVar("trace_parent", default="")
# W3C Trace Context, version 00: a trace or span of zeros alone is none.
TRACEPARENT: Final = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
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


def report_loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Logs what nobody caught in the event loop; the loop's own line would hold the exception's message."""
    log().error("nobody caught an error in the event loop", exc_info=context.get("exception"))


def log() -> Any:  # noqa: ANN401 - structlog's loggers are untyped
    """Returns the logger."""
    return structlog.get_logger()


def new_trace(incoming: str = "") -> str:
    """Returns the trace context of a request: the caller's trace with a new span, or a new trace (W3C traceparent, version 00)."""
    found = TRACEPARENT.fullmatch(incoming)
    return f"00-{found[1] if found else secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


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
        self.signed = Gauge("jejak_signed_entries", "Entries that the ledger's signed checkpoint covers.", registry=self.registry)
        self.dropped = Counter("jejak_dropped", "Ended applications let go of.", registry=self.registry)
        self.delay = Histogram(
            "jejak_entry_delay_seconds", "Legal time to applied.", buckets=LATENCY_BUCKETS_SECONDS, registry=self.registry
        )
