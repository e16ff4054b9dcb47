"""Which trace context is taken from a header, and what is made of it; a header can be anything."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.kit import tracing
from shared.kit.settings import SettingsError
from shared.kit.telemetry import new_trace
from shared.kit.tracing import heard

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
GOOD = f"00-{TRACE}-00f067aa0ba902b7-01"
BAD: list[bytes | None] = [
    None,
    b"",
    b"\xff\xfe",
    "00-é".encode(),
    GOOD.upper().encode(),
    GOOD.encode()[:-1],
    GOOD.encode() + b"0",
    GOOD.encode() + b"\n",
    b"ff" + GOOD.encode()[2:],
    f"00-{'0' * 32}-00f067aa0ba902b7-01".encode(),
    f"00-{TRACE}-{'0' * 16}-01".encode(),
]


@pytest.fixture
def traces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Writes the spans of this process to a file, which is complete once the traces are closed."""
    monkeypatch.setattr(tracing, "_begin", None)
    monkeypatch.setattr(tracing, "_close", lambda: None)
    file = tmp_path / "traces.ndjson"
    tracing.configure_traces(str(file), "intake")
    yield file
    tracing.close_traces()


@pytest.mark.parametrize("value", BAD)
def test_an_unreadable_trace_context_is_none(traces: Path, value: bytes | None) -> None:
    """A null, undecodable or wrong header gives no trace context, and the good one after it is still found."""
    assert traces.exists()
    assert heard([("traceparent", value)]) == ""
    assert heard([("other", None), ("traceparent", value), ("traceparent", GOOD.encode())]) == GOOD


@pytest.mark.parametrize("value", BAD)
def test_an_unreadable_trace_context_begins_a_new_trace(value: bytes | None) -> None:
    """A caller's own trace goes on; anything else begins a new one."""
    made = new_trace((value or b"").decode("latin-1"))
    assert TRACE not in made
    assert new_trace(made).split("-")[1] == made.split("-")[1]


def test_without_a_destination_nothing_is_read_or_begun() -> None:
    """By default no header is read and no step begins."""
    assert tracing._begin is None
    assert heard([("traceparent", GOOD.encode())]) == ""
    assert tracing.begin("command", GOOD) is None


def test_a_step_follows_the_trace_it_was_given(traces: Path) -> None:
    """A step keeps the trace of what it follows and has a span of its own; a caller that asks for no recording gets none."""
    step, unrecorded = tracing.begin("command", GOOD), tracing.begin("command", GOOD[:-1] + "0")
    assert step is not None
    assert unrecorded is not None
    assert step.traceparent.startswith(f"00-{TRACE}-")
    assert step.traceparent != GOOD
    assert unrecorded.traceparent.endswith("-00")
    step.end()
    unrecorded.end()
    tracing.close_traces()
    assert traces.read_bytes().count(b"\n") == 1


def test_a_file_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    """A wrong file stops the start with a sentence that names the setting."""
    with pytest.raises(SettingsError, match="JEJAK_TRACES"):
        tracing.configure_traces(str(tmp_path), "intake")
