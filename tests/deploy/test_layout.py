"""The folder, the ports and the secrets of a local city."""

import json
import socket
from contextlib import closing
from pathlib import Path

import pytest

from deploy.local import environment, layout, witnesses
from deploy.local.errors import StackError
from deploy.local.layout import Sender
from shared.kit.witness_folder import WitnessFolder
from shared.proof.keys import make_signer, read_signer, read_verifier
from shared.proof.strict import to_base64url

DLH = Sender("verification-dlh", "verification", ("dlh",))


def test_a_city_is_found_again_as_it_was_made(tmp_path: Path) -> None:
    """A second call without arguments returns the ports, the senders, the clock and the secrets of the first."""
    first = layout.prepare(tmp_path / "city", 21_000, (DLH,), "feed")
    password = first.password("database", "intake")

    second = layout.prepare(tmp_path / "city")

    assert second == first == layout.load(tmp_path / "city")
    assert second.password("database", "intake") == password


def test_nobody_else_can_read_a_secret(tmp_path: Path) -> None:
    """Folders of secrets are closed, each key is 32 bytes, and no two passwords are the same."""
    stack = layout.prepare(tmp_path / "city")

    passwords = {stack.password(kind, user) for kind in ("database", "kafka") for user in stack.users}

    assert len(passwords) == 2 * len(stack.users)
    assert stack.folder("secrets").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in stack.folder("secrets").iterdir()} == {0o600}
    assert [len(stack.key_file(name).read_bytes()) for name in ("city", "kek", "tokens")] == [32, 32, 32]


def test_ports_follow_from_the_base(tmp_path: Path) -> None:
    """Every service has the port that the documentation names, and an extra sender the next free one after ten."""
    stack = layout.prepare(tmp_path / "city", 9000, (DLH,))

    ports = {name: stack.port(name) for name in stack.services}

    assert ports == {
        "tracker": 9000,
        "intake": 9001,
        "verification": 9002,
        "inspection": 9003,
        "issuance": 9004,
        "treasury": 9007,
        "ledger": 9005,
        "catalogue": 9006,
        "verification-dlh": 9010,
    }
    assert stack.kafka_ports == {"admin": 9020, "controller": 9021, "senders": 9022}


def test_a_sender_added_later_keeps_the_others_where_they_are(tmp_path: Path) -> None:
    """Adding a sender to a city moves no port of another."""
    before = layout.prepare(tmp_path / "city", 9000, (DLH,))

    after = layout.prepare(tmp_path / "city", extra_senders=(Sender("inspection-dinkes", "inspection", ("dinkes",)),))

    assert after.urls == {**before.urls, "inspection-dinkes": "http://127.0.0.1:9011"}


def test_the_registry_lists_every_sender(tmp_path: Path) -> None:
    """The senders' file holds the core senders, the archive and the extra ones, each with its topic, agencies and a key of its own."""
    stack = layout.prepare(tmp_path / "city", extra_senders=(DLH,))

    listed = {entry["name"]: entry for entry in json.loads(stack.senders_file.read_bytes())}

    assert set(listed) == {
        "catalogue",
        "archive",
        "intake",
        "verification",
        "inspection",
        "issuance",
        "treasury",
        "ledger",
        "verification-dlh",
    }
    assert listed["verification-dlh"] == {
        "name": "verification-dlh",
        "stage": "verification",
        "agencies": ["dlh"],
        "topic": "permits.verification-dlh.v1",
        "key": to_base64url(read_signer(stack.sender_key_file("verification-dlh").read_text().strip()).verifier.public),
    }
    assert [name for name, entry in listed.items() if not entry["key"]] == ["ledger"]
    assert len({entry["key"] for entry in listed.values()}) == len(listed)


@pytest.mark.parametrize("name", ["ledger", "Tracker", "a b", "", "-" * 41, "é"])
def test_a_name_that_cannot_be_a_sender_is_refused(tmp_path: Path, name: str) -> None:
    """Core names and names that are no plain words make no extra sender."""
    with pytest.raises(StackError, match="cannot be the name"):
        layout.prepare(tmp_path / "city", extra_senders=(Sender(name, "verification"),))


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    """The refusal names the port, who wanted it, and the option that chooses others."""
    stack = layout.prepare(tmp_path / "city", layout.free_port_base())
    with socket.create_server(("127.0.0.1", stack.port("intake"))), pytest.raises(StackError) as refusal:
        layout.check_ports_free(stack)

    assert str(stack.port("intake")) in refusal.value.sentence
    assert "intake" in refusal.value.sentence
    assert "--port-base" in refusal.value.next_step


def test_a_damaged_city_is_refused_with_its_file(tmp_path: Path) -> None:
    """A file that is not what was written is named, and nothing is made over it."""
    stack = layout.prepare(tmp_path / "city")
    (stack.data / "stack.json").write_text("{")

    with pytest.raises(StackError, match=r"stack\.json is damaged"):
        layout.prepare(tmp_path / "city")


def test_only_stages_with_disclosures_can_open_the_vault(tmp_path: Path) -> None:
    """The key-encryption key is named to the four stages that need it and to nobody else."""
    stack = layout.prepare(tmp_path / "city", extra_senders=(DLH,))

    holders = {name for name in stack.users if "JEJAK_KEK_FILE" in environment.environment(stack, name, "url")}

    assert holders == {"intake", "verification", "inspection", "issuance", "verification-dlh"}


def test_settings_are_read_as_they_were_written(tmp_path: Path) -> None:
    """A value with equals signs, blanks and percent signs comes back unchanged."""
    file = tmp_path / "x.env"
    values = {"A": "postgresql://u:p%2F@/d?host=%2Ftmp", "B": "a b=c", "C": ""}

    file.write_bytes(environment.format_environment(values))

    assert environment.read_environment(file) == values


def test_a_nearly_full_disk_is_refused_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal says how much is free and that another folder can be named."""
    stack = layout.prepare(tmp_path / "city")
    monkeypatch.setattr(layout, "DISK_BYTES_MIN", 2**62)

    with pytest.raises(StackError, match=r"nearly full.*--data DIR"):
        layout.check_disk_space(stack)


def test_a_training_city_has_two_witnesses_that_follow_its_log(tmp_path: Path) -> None:
    """Beside a training city stand two witnesses with keys of their own, the same at each start; any other city has none."""
    stack = layout.prepare(tmp_path / "training", clock="feed")
    witnesses.ensure(stack)
    written = stack.witnesses_file.read_text(encoding="utf-8")
    witnesses.ensure(stack)
    assert stack.witnesses_file.read_text(encoding="utf-8") == written
    keys = [read_verifier(line.split()[0]) for line in written.splitlines()]
    assert [line.split()[1] for line in written.splitlines()] == [stack.url(name) for name in stack.witnesses]
    assert len({key.public for key in keys}) == len(stack.witnesses) == 2
    for name in stack.witnesses:
        with closing(WitnessFolder(stack.witness_folder(name))) as folder:
            assert [followed.key.to_text() for followed in folder.followed()] == [
                stack.log_verifier_file.read_text(encoding="ascii").strip()
            ]
    ports = [stack.port(name) for name in (*stack.services, *stack.witnesses)] + list(stack.kafka_ports.values())
    assert len(set(ports)) == len(ports)
    other = layout.prepare(tmp_path / "other")
    witnesses.ensure(other)
    assert not other.witnesses_file.exists()


def test_a_log_with_another_key_is_told_before_its_witnesses_refuse_it(tmp_path: Path) -> None:
    """Given a training city whose log has got a new key, then the start ends with the witnesses' reason, since they have followed the old one."""
    stack = layout.prepare(tmp_path / "training", clock="feed")
    witnesses.ensure(stack)
    name = read_verifier(stack.log_verifier_file.read_text(encoding="ascii").strip()).name
    stack.log_verifier_file.write_text(make_signer(name, b"n" * 32).verifier.to_text(), encoding="ascii")
    with pytest.raises(StackError, match="Another key"):
        witnesses.ensure(stack)
