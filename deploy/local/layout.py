"""Where everything of one local city lies: its folder, its ports, its senders and its secrets, made once and found again."""

import json
import os
import secrets
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from deploy.local.errors import StackError

DEFAULT_DATA: Final = Path(".jejak") / "city"
DEFAULT_PORT_BASE: Final = 8400
CITY: Final = "palangka-raya"
LOOPBACK: Final = "127.0.0.1"
KAFKA_ADMIN: Final = "admin"
TRACKER: Final = "tracker"
AUDITOR: Final = "auditor"
ARCHIVE: Final = "archive"
SERVICE_OFFSETS: Final = {
    "tracker": 0,
    "intake": 1,
    "verification": 2,
    "inspection": 3,
    "issuance": 4,
    "ledger": 5,
    "catalogue": 6,
    "treasury": 7,
}
# The played bank of a training city answers here while the feed runs.
GATEWAY: Final = "gateway"
GATEWAY_OFFSET: Final = 8
# The archive has no process of its own in the city; its port is for the time of an import.
ARCHIVE_OFFSET: Final = 9
FIRST_EXTRA_OFFSET: Final = 10
EXTRA_SENDERS_MAX: Final = 10
KAFKA_ADMIN_OFFSET: Final = 20
KAFKA_CONTROLLER_OFFSET: Final = 21
KAFKA_SASL_OFFSET: Final = 22
# The witnesses of a training city, which other institutions would be.
WITNESSES: Final = ("saksi-1", "saksi-2")
WITNESS_OFFSET: Final = 23
PORTS: Final = WITNESS_OFFSET + len(WITNESSES)
PORT_BASE_MAX: Final = 65535 - PORTS + 1
PORT_BASE_MIN: Final = 1024
KEY_BYTES: Final = 32
DISK_BYTES_MIN: Final = 512 * 1024**2
PASSWORD_BYTES: Final = 24
SENDER_NAME_CHARACTERS_MAX: Final = 40

Clock = Literal["system", "feed"]


@dataclass(frozen=True)
class Sender:
    """One deployment of a stage with its own database, topic and credentials."""

    name: str
    stage: str
    agencies: tuple[str, ...] = ("*",)

    @property
    def topic(self) -> str:
        """Returns the only topic that this sender may write."""
        return f"permits.{self.name}.v1"

    def as_json(self) -> dict[str, str | list[str]]:
        """Returns the sender as the registry file lists it."""
        return {"name": self.name, "stage": self.stage, "agencies": list(self.agencies), "topic": self.topic}


CORE_SENDERS: Final = (
    Sender("catalogue", "catalogue"),
    Sender(ARCHIVE, ARCHIVE),
    Sender("intake", "intake"),
    Sender("verification", "verification"),
    Sender("inspection", "inspection"),
    Sender("issuance", "issuance"),
    Sender("treasury", "treasury"),
    Sender("ledger", "ledger"),
)


@dataclass(frozen=True)
class Stack:
    """One local city: everything else follows from these four values."""

    data: Path
    port_base: int
    extra_senders: tuple[Sender, ...] = ()
    clock: Clock = "system"

    @property
    def senders(self) -> tuple[Sender, ...]:
        """Returns every sender, the core ones first."""
        return (*CORE_SENDERS, *self.extra_senders)

    @property
    def sealing(self) -> tuple[Sender, ...]:
        """Returns the senders with a key of their own: all but the ledger, whose checkpoints are signed."""
        return tuple(sender for sender in self.senders if sender.name != "ledger")

    @property
    def services(self) -> tuple[str, ...]:
        """Returns the names of everything that runs as a process, the ledger first because the others read it."""
        names = [sender.name for sender in self.senders if sender.name not in {"ledger", ARCHIVE}]
        return ("ledger", TRACKER, *names)

    @property
    def witnesses(self) -> tuple[str, ...]:
        """Returns the names of the witnesses beside the city: a training city has two that are played, any other has those of others."""
        return WITNESSES if self.clock == "feed" else ()

    @property
    def users(self) -> tuple[str, ...]:
        """Returns the names of everybody with a database of their own: the senders and the tracker."""
        return (*(sender.name for sender in self.senders), TRACKER)

    def stage_of(self, name: str) -> str:
        """Returns which service's code the named process runs."""
        return next((sender.stage for sender in self.senders if sender.name == name), name)

    def port(self, name: str) -> int:
        """Returns the HTTP port of a service."""
        extras = [sender.name for sender in self.extra_senders]
        if name in extras:
            return self.port_base + FIRST_EXTRA_OFFSET + extras.index(name)
        if name in (ARCHIVE, GATEWAY):
            return self.port_base + (ARCHIVE_OFFSET if name == ARCHIVE else GATEWAY_OFFSET)
        if name in WITNESSES:
            return self.port_base + WITNESS_OFFSET + WITNESSES.index(name)
        return self.port_base + SERVICE_OFFSETS[name]

    def url(self, name: str) -> str:
        """Returns the base address of a service."""
        return f"http://{LOOPBACK}:{self.port(name)}"

    @property
    def urls(self) -> dict[str, str]:
        """Returns the base address of every service."""
        return {name: self.url(name) for name in self.services}

    @property
    def kafka_ports(self) -> dict[str, int]:
        """Returns Kafka's three ports by what they are for."""
        offsets = {"admin": KAFKA_ADMIN_OFFSET, "controller": KAFKA_CONTROLLER_OFFSET, "senders": KAFKA_SASL_OFFSET}
        return {name: self.port_base + offset for name, offset in offsets.items()}

    @property
    def kafka_servers(self) -> str:
        """Returns where senders connect, with SCRAM-SHA-512 over SASL_PLAINTEXT."""
        return f"{LOOPBACK}:{self.kafka_ports['senders']}"

    @property
    def kafka_admin_servers(self) -> str:
        """Returns where the administrator connects, with PLAIN over SASL_PLAINTEXT."""
        return f"{LOOPBACK}:{self.kafka_ports['admin']}"

    @property
    def senders_file(self) -> Path:
        """Returns the registry of senders that the ledger reads at its first start."""
        return self.data / "senders.json"

    def folder(self, name: Literal["secrets", "env", "logs", "run", "postgres", "kafka", "log"]) -> Path:
        """Returns a folder of the city's data."""
        return self.data / name

    def log(self, name: str) -> Path:
        """Returns the log of a service, of `kafka` or of the `supervisor`."""
        return self.folder("logs") / f"{name}.log"

    def env_file(self, name: str) -> Path:
        """Returns the file with the settings of one process."""
        return self.folder("env") / f"{name}.env"

    def key_file(self, name: Literal["city", "kek", "tokens", "gateway", "log"]) -> Path:
        """Returns the file with one of the city's 32-byte keys, or with the key of its log, which is a text."""
        return self.folder("secrets") / f"{name}.key"

    def sender_key_file(self, name: str) -> Path:
        """Returns the file with the keys that seal what a sender says, one a line, the newest last."""
        return self.folder("secrets") / f"sender-{name}.keys"

    @property
    def certificate_file(self) -> Path:
        """Returns the PKCS#12 file with which papers are signed."""
        return self.folder("secrets") / "papers.p12"

    @property
    def log_verifier_file(self) -> Path:
        """Returns the file with the public key of the city's log, for whoever wants to verify it."""
        return self.data / "log.vkey"

    @property
    def witnesses_file(self) -> Path:
        """Returns the file with the public keys and addresses of the witnesses, for the ledger."""
        return self.data / "witnesses"

    def witness_folder(self, name: str) -> Path:
        """Returns the folder of a witness beside a training city."""
        return self.data / name

    def password(self, kind: Literal["database", "kafka"], user: str) -> str:
        """Returns a user's password, made at the first call."""
        file = self.folder("secrets") / f"{kind}-{user}.password"
        return _secret(file, lambda: secrets.token_urlsafe(PASSWORD_BYTES).encode()).decode()


def prepare(
    data: Path = DEFAULT_DATA, port_base: int | None = None, extra_senders: tuple[Sender, ...] = (), clock: Clock | None = None
) -> Stack:
    """Makes the folder of a city, or finds the one that is there; what is named here is added to it or replaces it."""
    data = data.expanduser().absolute()
    known = load(data)
    before = known.extra_senders if known else ()
    names = {sender.name for sender in extra_senders}
    stack = Stack(
        data,
        port_base or (known.port_base if known else DEFAULT_PORT_BASE),
        (*(_latest(sender, extra_senders) for sender in before), *(s for s in extra_senders if s.name not in {b.name for b in before})),
        clock or (known.clock if known else "system"),
    )
    _check(stack, names)
    try:
        data.mkdir(parents=True, exist_ok=True)
        for folder in ("env", "logs", "run", "kafka"):
            (data / folder).mkdir(exist_ok=True)
        for folder in ("secrets", "env"):
            (data / folder).mkdir(exist_ok=True)
            (data / folder).chmod(0o700)
    except PermissionError as error:
        raise StackError(f"The folder {error.filename} cannot be written.", "Name another with --data DIR.") from error
    except (FileExistsError, NotADirectoryError) as error:
        raise StackError(f"{error.filename} is a file, not a folder.", "Name another with --data DIR.") from error
    for key in ("city", "kek", "tokens", "gateway"):
        _secret(data / "secrets" / f"{key}.key", lambda: secrets.token_bytes(KEY_BYTES))
    _make_log_key(stack)
    _make_certificate(stack)
    _write(stack)
    return stack


def load(data: Path = DEFAULT_DATA) -> Stack | None:
    """Returns the city that lies in a folder, or nothing where none does."""
    data = data.expanduser().absolute()
    file = data / "stack.json"
    if not file.is_file():
        return None
    try:
        stored = json.loads(file.read_bytes())
        extra = tuple(Sender(s["name"], s["stage"], tuple(s["agencies"])) for s in stored["extra_senders"])
        return Stack(data, int(stored["port_base"]), extra, stored["clock"])
    except (ValueError, KeyError, TypeError) as error:
        raise StackError(f"{file} is damaged.", "Move its folder away, or name another with --data DIR.") from error


def write_private(file: Path, content: bytes) -> None:
    """Replaces a file that only its owner may read, whole or not at all."""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    part.replace(file)


def check_ports_free(stack: Stack) -> None:
    """Refuses when something else already listens on one of the city's ports."""
    wanted = {name: stack.port(name) for name in (*stack.services, *stack.witnesses)} | {
        f"Kafka ({use})": port for use, port in stack.kafka_ports.items()
    }
    for name, port in wanted.items():
        if not port_free(port):
            raise StackError(
                f"Port {port}, wanted for {name}, is already taken.", "Stop what listens there, or choose other ports: --port-base N."
            )


def check_disk_space(stack: Stack) -> None:
    """Refuses to begin on a disk that would be full before the city is up."""
    free = shutil.disk_usage(stack.data).free
    if free < DISK_BYTES_MIN:
        raise StackError(
            f"The disk of {stack.data} is nearly full ({free // 1024**2} MiB are free, {DISK_BYTES_MIN // 1024**2} are needed).",
            "Free some space, or name a folder on another disk with --data DIR.",
        )


def port_free(port: int) -> bool:
    """Tells whether nothing listens on a port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port_base() -> int:
    """Returns a port base whose ports are all free now, below those that the system gives out by itself."""
    tries_max = 200
    offsets = range(PORTS)
    for _ in range(tries_max):
        base = 10_000 + secrets.randbelow(20_000)
        if all(port_free(base + offset) for offset in offsets):
            return base
    raise StackError(f"No {PORTS} free ports in a row were found.", "Stop some programs that listen on this machine and try again.")


def _latest(sender: Sender, named: tuple[Sender, ...]) -> Sender:
    return next((other for other in named if other.name == sender.name), sender)


def _check(stack: Stack, named: set[str]) -> None:
    if not PORT_BASE_MIN <= stack.port_base <= PORT_BASE_MAX:
        raise StackError(f"{stack.port_base} is no possible port base.", f"Choose one from {PORT_BASE_MIN} to {PORT_BASE_MAX}.")
    if len(stack.extra_senders) > EXTRA_SENDERS_MAX:
        raise StackError(f"A local city has at most {EXTRA_SENDERS_MAX} extra senders.", "Remove some.")
    reserved = {sender.name for sender in CORE_SENDERS} | {
        TRACKER,
        AUDITOR,
        GATEWAY,
        KAFKA_ADMIN,
        *WITNESSES,
        "postgres",
        "kafka",
        "supervisor",
    }
    for name in sorted(named):
        plain = name.isascii() and name.replace("-", "").isalnum() and name == name.lower() and len(name) <= SENDER_NAME_CHARACTERS_MAX
        if name in reserved or not plain:
            raise StackError(
                f"{name!r} cannot be the name of an extra sender.", "Use lower-case letters, digits and hyphens, and no core name."
            )
    for sender in stack.extra_senders:
        if sender.stage not in SERVICE_OFFSETS:
            raise StackError(f"{sender.stage!r}, the stage of {sender.name}, is no service.", f"Use one of: {', '.join(SERVICE_OFFSETS)}.")


def _write(stack: Stack) -> None:
    stored = {
        "port_base": stack.port_base,
        "clock": stack.clock,
        "extra_senders": [sender.as_json() for sender in stack.extra_senders],
    }
    write_private(stack.data / "stack.json", _pretty(stored))
    keys = {sender.name: _make_sender_key(stack, sender.name) for sender in stack.sealing}
    write_private(stack.senders_file, _pretty([sender.as_json() | {"key": keys.get(sender.name, "")} for sender in stack.senders]))


def _make_sender_key(stack: Stack, name: str) -> str:
    """Makes a sender's first key where it has none; returns the public part of the first one."""
    from shared.proof.keys import read_signer
    from shared.proof.strict import to_base64url

    made = _secret(stack.sender_key_file(name), lambda: new_sender_key(name))
    return to_base64url(read_signer(made.decode().split()[0]).verifier.public)


def new_sender_key(name: str) -> bytes:
    """Returns a line for a sender's key file with a key made now."""
    from shared.proof.keys import make_signer

    return make_signer(f"{CITY}/{name}", secrets.token_bytes(KEY_BYTES)).to_text().encode() + b"\n"


def _make_log_key(stack: Stack) -> None:
    from shared.proof.checkpoint import origin_of
    from shared.proof.keys import make_signer, read_signer

    name = origin_of(CITY, stack.clock)
    made = _secret(stack.key_file("log"), lambda: make_signer(name, secrets.token_bytes(KEY_BYTES)).to_text().encode())
    stack.log_verifier_file.write_text(f"{read_signer(made.decode().strip()).verifier.to_text()}\n", encoding="ascii")


def _make_certificate(stack: Stack) -> None:
    # X.509 takes a moment to load, and all but the first start do without.
    if not stack.certificate_file.exists():
        from deploy.local.certificate import make_certificate

        _secret(stack.certificate_file, make_certificate)


def _pretty(value: object) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


def _secret(file: Path, make: Callable[[], bytes]) -> bytes:
    if not file.exists():
        write_private(file, make())
    return file.read_bytes()
