"""What every test may ask for: above all one real PostgreSQL and one real Kafka for the whole run."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from deploy.local import environment, jars, kafka, layout, postgres
from deploy.local.layout import Sender, Stack
from shared.kit import telemetry

STACK_REPORT = pytest.StashKey[str]()
EXTRA_SENDERS = (Sender("verification-dlh", "verification", ("dlh",)),)


@pytest.fixture(scope="session")
def stack(pytestconfig: pytest.Config) -> Iterator[Stack]:
    """Starts PostgreSQL and Kafka at the first test that asks, checks that they are the real ones, and stops them at the end."""
    data = Path(tempfile.mkdtemp(prefix="jz"))
    made = layout.prepare(data, layout.free_port_base(), EXTRA_SENDERS)
    try:
        postgres.start(made)
        kafka.start(made)
        environment.write_environments(made, postgres.database_urls(made))
        facts = postgres.facts(made)
        report = f"PostgreSQL {facts['server_version']} (fsync {facts['fsync']}), Apache Kafka {kafka.version(made)}"
        pytestconfig.stash[STACK_REPORT] = report
        assert facts["fsync"] == "on"
        assert int(facts["server_version"].split(".")[0]) >= 15
        assert kafka.version(made) == jars.kafka_version() == "4.3.1"
        yield made
    finally:
        kafka.stop(made)
        postgres.stop(made)
        shutil.rmtree(data)


def pytest_configure() -> None:
    """Has logs say of an exception what those of a service do: drawing its every variable, a whole city each, takes seconds."""
    structlog.configure(processors=[structlog.processors.add_log_level, telemetry._add_frames, structlog.processors.JSONRenderer()])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says against which servers the tests ran."""
    report = config.stash.get(STACK_REPORT, None)
    if report is not None:
        terminalreporter.write_line(f"Real servers on this machine: {report}")
