"""The containers agree with the code: the same settings, users, rights and broker; no password is in them, nothing open to the world."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from deploy.docker import contents, prepare
from deploy.local import jars, kafka, layout
from deploy.local.environment import VAULT_STAGES
from deploy.local.errors import StackError
from deploy.local.layout import Stack
from services.cli.stack import SERVICES
from shared.kit.settings import Settings
from tests.architecture.sources import ROOT

COMPOSE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
PARTS: Final[dict[str, Any]] = COMPOSE["services"]
ONCE: Final = frozenset({"kafka-contents"})
SETTINGS: Final = {f"JEJAK_{name.upper()}": info for name, info in Settings.model_fields.items()}
VARIABLE: Final = re.compile(r"\$\{([A-Z_]+)(:\?[^}]*)?\}")
# What cannot be alike: where the brokers listen, keep their data and take their password from.
PLACES: Final = frozenset({"listeners", "advertised.listeners", "controller.quorum.voters", "log.dirs"})


def test_every_service_runs_in_a_container() -> None:
    """Every service has its container beside PostgreSQL and Kafka, and there is nothing else."""
    assert set(PARTS) == {*SERVICES, "postgres", "kafka", *ONCE}


@pytest.mark.parametrize("part", PARTS)
def test_every_part_can_be_started_and_watched(part: str) -> None:
    """Every part names its image, says when it is healthy unless it ends by itself, and waits for what it needs."""
    found = PARTS[part]
    assert found["image"]
    assert ("healthcheck" in found) == (part not in ONCE)
    for needed, condition in found.get("depends_on", {}).items():
        assert condition == {"condition": "service_completed_successfully" if needed in ONCE else "service_healthy"}
    assert ("depends_on" in found) == (part not in {"postgres", "kafka"})


@pytest.mark.parametrize("service", SERVICES)
def test_settings_are_those_of_the_code(service: str) -> None:
    """A container is given the settings that the code knows, and all that it cannot start without."""
    found = PARTS[service]
    given = found["environment"]
    assert set(given) <= set(SETTINGS)
    assert {name for name, info in SETTINGS.items() if info.is_required()} <= set(given)
    assert ("JEJAK_KEK_FILE" in given) == (service in VAULT_STAGES)
    assert (given["JEJAK_SERVICE"], given["JEJAK_SENDER"], found["command"]) == (service, service, ["serve", service])
    assert f":{given['JEJAK_PORT']}/readyz" in found["healthcheck"]["test"][-1]


def test_nothing_is_open_to_the_world() -> None:
    """Ports are published on the loopback address alone, and PostgreSQL and Kafka publish none."""
    published = {part: port for part, found in PARTS.items() for port in found.get("ports", ())}
    assert set(published) == set(SERVICES)
    assert all(port.startswith("127.0.0.1:") for port in published.values())


def test_no_password_is_written_down(tmp_path: Path) -> None:
    """Every password comes from the file that git ignores; without it nothing starts; the file has each of them."""
    named = set()
    for found in PARTS.values():
        for variable, value in found.get("environment", {}).items():
            if "PASSWORD" in variable or "DATABASE_URL" in variable:
                matches = VARIABLE.findall(value)
                assert len(matches) == 1, variable
                assert matches[0][1].startswith(":?"), variable
                named.add(matches[0][0])
    stack = prepare.prepare(tmp_path / "city", tmp_path / ".env")
    written = dict(line.split("=", 1) for line in (tmp_path / ".env").read_text(encoding="utf-8").splitlines())
    assert set(written) == named
    assert written == prepare.passwords(stack)
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    assert "/.env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_prepared_files_are_those_that_containers_read(tmp_path: Path) -> None:
    """The keys and the registry of senders lie where the containers look, readable there, in a folder that is closed here."""
    stack = prepare.prepare(tmp_path / "city", tmp_path / ".env")
    files = {value for service in SERVICES for name, value in PARTS[service]["environment"].items() if name.endswith("_FILE")}
    mounted = stack.data / "mounted"
    assert {f"/run/jejak/{file.name}" for file in mounted.iterdir()} == {value for value in files if value.startswith("/run/jejak/")}
    assert mounted.stat().st_mode & 0o077 == 0
    assert (mounted / "city.key").read_bytes() == stack.key_file("city").read_bytes()


def test_a_container_has_the_key_of_its_own_sender_alone(tmp_path: Path) -> None:
    """Each sender's container sees one folder with the file of its own key, and the ledger and the tracker see none."""
    stack = prepare.prepare(tmp_path / "city", tmp_path / ".env")
    for service in SERVICES:
        folders = [volume for volume in PARTS[service]["volumes"] if "/keys/" in volume]
        if service in {sender.name for sender in stack.sealing}:
            assert folders == [f"./.jejak/compose/keys/{service}:/run/jejak-keys:ro"]
            (file,) = (stack.data / "keys" / service).iterdir()
            assert PARTS[service]["environment"]["JEJAK_SENDER_KEY_FILE"] == f"/run/jejak-keys/{file.name}"
            assert file.read_bytes() == stack.sender_key_file(service).read_bytes()
        else:
            assert folders == []


def test_preparing_again_keeps_everything(tmp_path: Path) -> None:
    """A second preparation changes no key and no password: what is written with the old ones stays readable."""
    first = prepare.passwords(prepare.prepare(tmp_path / "city", tmp_path / ".env"))
    assert prepare.passwords(prepare.prepare(tmp_path / "city", tmp_path / ".env")) == first


def test_ports_and_users_are_those_of_a_local_city(tmp_path: Path) -> None:
    """The commands that speak to a local city find the containers at the same ports, and everybody has a database."""
    stack = layout.prepare(tmp_path)
    assert {service: str(stack.port(service)) for service in SERVICES} == {
        service: PARTS[service]["environment"]["JEJAK_PORT"] for service in SERVICES
    }
    assert tuple(PARTS["postgres"]["environment"]["JEJAK_USERS"].split()) == stack.users


def test_the_broker_is_the_one_of_a_local_city(tmp_path: Path) -> None:
    """The containers' broker has the version and the settings of a local city's, its places and its password excepted."""
    assert PARTS["kafka"]["image"] == f"apache/kafka:{jars.kafka_version()}"
    stack = layout.prepare(tmp_path)
    local = _properties(kafka._write_properties(stack).read_text(encoding="utf-8"))
    script = (ROOT / "deploy" / "docker" / "kafka.sh").read_text(encoding="utf-8")
    container = _properties(script.partition("<<END\n")[2].partition("\nEND\n")[0])
    assert set(container) == set(local)
    different = {key for key in local if container[key] != local[key]}
    assert different == PLACES | {key for key in local if key.endswith("plain.sasl.jaas.config")}


def test_the_broker_gets_users_rights_and_topics(stack: Stack, tmp_path: Path) -> None:
    """Filling a broker that is already filled with the same passwords changes nothing and fails nothing."""
    variables = {**prepare.passwords(stack), contents.PORT_BASE: str(stack.port_base)}
    filled = contents.fill(tmp_path, variables)
    assert filled.senders == layout.CORE_SENDERS
    client = kafka.admin_client(stack)
    try:
        assert {sender.topic for sender in filled.senders} <= set(client.list_topics())
    finally:
        client.close()


def test_a_missing_password_is_named(tmp_path: Path) -> None:
    """Without its password a user is not made; the sentence names the variable and what to do."""
    with pytest.raises(StackError, match=r"INTAKE_KAFKA_PASSWORD.*deploy\.docker\.prepare"):
        contents.fill(tmp_path, {})


def test_the_image_is_locked_and_unprivileged() -> None:
    """The image holds exactly the locked packages and does not run as root."""
    lines = (ROOT / "deploy" / "docker" / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes -r requirements.lock" in lines
    assert re.search(r"^USER [1-9]\d*$", lines, re.MULTILINE)


def _properties(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
