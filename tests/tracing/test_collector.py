"""Spans reach a collector over OTLP, and a collector that is down holds nothing up."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from shared.kit.spans import open_spans

CLOSE_SECONDS_MAX = 8.0


class Collector(BaseHTTPRequestHandler):
    """Takes what is posted."""

    taken: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        """Takes one request."""
        self.taken.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(200)
        self.end_headers()

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Stays silent."""


@pytest.fixture
def collector() -> Iterator[HTTPServer]:
    """Runs a collector on this machine."""
    Collector.taken = []
    server = HTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_collector_gets_each_span_with_what_it_may_say(collector: HTTPServer) -> None:
    """Given a collector, when a step ends, then it gets the span with sender, name and attributes."""
    begin, close = open_spans(f"http://127.0.0.1:{collector.server_port}/v1/traces", "ledger")
    step = begin("judge", "", 0)
    step.note(subject="sop:x", event_type="id.jejakizin.sop.published.v1", sender="catalogue", position=7, refused="sop-invalid")
    step.end()
    close()
    ((path, body),) = Collector.taken
    (found,) = ExportTraceServiceRequest.FromString(body).resource_spans
    assert path == "/v1/traces"
    assert {item.key: item.value.string_value for item in found.resource.attributes}["service.name"] == "ledger"
    (span,) = found.scope_spans[0].spans
    assert span.name == "judge"
    assert {item.key: item.value.string_value or item.value.int_value for item in span.attributes} == {
        "jejak.subject": "sop:x",
        "jejak.event_type": "id.jejakizin.sop.published.v1",
        "jejak.sender": "catalogue",
        "jejak.position": 7,
        "jejak.refused": "sop-invalid",
    }


def test_a_collector_that_is_down_holds_nothing_up() -> None:
    """Given nobody at the address, when steps end and the process ends, then neither waits long."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        begin, close = open_spans(f"http://127.0.0.1:{nobody.getsockname()[1]}/v1/traces", "ledger")
    began = time.monotonic()
    for _ in range(1000):
        begin("judge", "", 0).end()
    assert time.monotonic() - began < CLOSE_SECONDS_MAX / 4
    close()
    assert time.monotonic() - began < CLOSE_SECONDS_MAX
