"""The parts of a city seen from any process: which are ready, and how all of them are stopped."""

import http.client
import json
from typing import Any, Final

from deploy.local import kafka, postgres, processes
from deploy.local.layout import LOOPBACK, Stack

KAFKA: Final = "kafka"
POSTGRES: Final = "postgres"
PROBE_SECONDS: Final = 2.0
OK: Final = 200


def ready(stack: Stack, name: str) -> bool:
    """Tells whether a service answers that it is ready, or Kafka or PostgreSQL takes connections."""
    if name == POSTGRES:
        return postgres.accepting(stack)
    if name == KAFKA:
        return kafka.accepting(stack)
    return health(stack, name)[0] == OK


def health(stack: Stack, name: str) -> tuple[int, dict[str, Any]]:
    """Returns the status and the content with which a service says how it is; zero and nothing when it does not answer."""
    connection = http.client.HTTPConnection(LOOPBACK, stack.port(name), timeout=PROBE_SECONDS)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):
        return 0, {}
    finally:
        connection.close()


def stop_parts(stack: Stack) -> int:
    """Stops whatever of this city runs, services first; returns how many processes that were."""
    run = stack.folder("run")
    services = [file for file in run.glob("*.pid") if file.stem not in {KAFKA, "supervisor"}]
    ended = processes.end(services)
    for pid, stop in ((kafka.running_pid(stack), kafka.stop), (postgres.running_pid(stack), postgres.stop)):
        if pid is not None:
            stop(stack)
            ended += 1
    return ended


def see_log(stack: Stack, name: str) -> str:
    """Returns the sentence that sends a person to a part's log."""
    file = postgres.log_file(stack) if name == POSTGRES else stack.log(name)
    return f"Its reasons are at the end of {file}."


def last_words(stack: Stack, name: str) -> str:
    """Returns the last line of a service's log, in brackets."""
    lines = [line for line in stack.log(name).read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return f" ({lines[-1].strip()})" if lines else ""
