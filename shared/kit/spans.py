"""Spans by OpenTelemetry, to a file or to a collector; imported only where `JEJAK_TRACES` names one."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import orjson
from opentelemetry import trace
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.kit.tracing import HEADER, Begin, Step

ADDRESSES: Final = ("http://", "https://")
WAITING_SPANS_MAX: Final = 20_000
BATCH_SPANS_MAX: Final = 500
EXPORT_MS: Final = 1_000
EXPORT_SECONDS_MAX: Final = 3.0
_CONTEXT: Final = TraceContextTextMapPropagator()


class _Span:
    """One step as a span; its attributes are those of `Step.note`."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        context = span.get_span_context()
        self.traceparent = f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def note(
        self, *, name: str = "", subject: str = "", event_type: str = "", sender: str = "", position: int = 0, refused: str = ""
    ) -> None:
        if name:
            self._span.update_name(name)
        told: dict[str, str | int] = {
            "subject": subject,
            "event_type": event_type,
            "sender": sender,
            "position": position,
            "refused": refused,
        }
        self._span.set_attributes({f"jejak.{key}": value for key, value in told.items() if value})

    def end(self) -> None:
        self._span.end()


class FileExporter(SpanExporter):
    """Appends each span as one line of JSON; the processes of a city may share the file, since each batch is one write at its end."""

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Writes spans."""
        os.write(self._descriptor, b"".join(orjson.dumps(_as_tree(span)) + b"\n" for span in spans))
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Closes the file."""
        os.close(self._descriptor)


def _as_tree(span: ReadableSpan) -> dict[str, object]:
    context, parent = span.get_span_context(), span.parent
    return {
        "trace": f"{context.trace_id:032x}" if context else "",
        "span": f"{context.span_id:016x}" if context else "",
        "after": f"{parent.span_id:016x}" if parent else "",
        "service": span.resource.attributes[SERVICE_NAME],
        "name": span.name,
        "start_ns": span.start_time,
        "end_ns": span.end_time,
        **(span.attributes or {}),
    }


def open_spans(target: str, sender: str) -> tuple[Begin, Callable[[], None]]:
    """Returns what begins a span, and what ends the exporting; raises `OSError` for a file that cannot be written."""
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: sender}), shutdown_on_exit=False)
    provider.add_span_processor(
        BatchSpanProcessor(
            _exporter(target),
            max_queue_size=WAITING_SPANS_MAX,
            max_export_batch_size=BATCH_SPANS_MAX,
            schedule_delay_millis=EXPORT_MS,
        )
    )
    tracer = provider.get_tracer("jejak-izin")

    def begin(name: str, after: str, since: int) -> Step:
        return _Span(tracer.start_span(name, _CONTEXT.extract({HEADER: after}), start_time=since or None))

    return begin, provider.shutdown


def _exporter(target: str) -> SpanExporter:
    if not target.startswith(ADDRESSES):
        return FileExporter(Path(target))
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=target, timeout=EXPORT_SECONDS_MAX)
