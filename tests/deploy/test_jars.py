"""The locked jars of Kafka: nothing else is ever put on the class path."""

from pathlib import Path

import pytest

from deploy.local import jars
from deploy.local.errors import StackError
from deploy.local.layout import Stack


def test_the_lock_pins_the_broker_and_its_client() -> None:
    """The lock holds the broker and the client of one version, each jar with a SHA-256, and no address."""
    names = {jar.name for jar in jars.locked()}

    assert {f"kafka_2.13-{jars.kafka_version()}.jar", f"kafka-clients-{jars.kafka_version()}.jar"} <= names
    assert all(len(jar.sha256) == 64 for jar in jars.locked())
    assert "://" not in jars.LOCK.read_text(encoding="utf-8")


def test_a_changed_jar_is_refused_by_name(stack: Stack, tmp_path: Path) -> None:
    """One changed byte in one jar is enough: the refusal names that jar, and the others pass."""
    source = jars.cache_folder(stack.data)
    victim = jars.locked()[3]
    for name in jars.FOLDERS:
        (tmp_path / name).mkdir()
        for file in (source / name).glob("*.jar"):
            (tmp_path / name / file.name).symlink_to(file)
    jars.check(tmp_path)

    link = next(tmp_path.glob(f"*/{victim.name}"))
    content = link.read_bytes()
    link.unlink()
    link.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    with pytest.raises(StackError) as refusal:
        jars.check(tmp_path)
    assert victim.name in refusal.value.sentence


def test_a_cache_that_cannot_be_written_gives_way_to_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the named cache is no folder, the jars go beside the city's data."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("JEJAK_CACHE", str(tmp_path / "file"))

    assert jars.cache_folder(tmp_path / "data").is_relative_to(tmp_path / "data" / "cache")
