"""Kafka's jars: fetched once into a cache, and each one compared with the committed lock before every start."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local.errors import StackError

HERE: Final = Path(__file__).parent
SPEC: Final = HERE / "jgo.toml"
LOCK: Final = HERE / "jgo.lock.toml"
FETCH_SECONDS: Final = 900
FOLDERS: Final = ("jars", "modules")


@dataclass(frozen=True)
class Jar:
    """One jar of the lock."""

    name: str
    sha256: str


def kafka_version() -> str:
    """Returns the locked version of the broker."""
    return next(str(d["version"]) for d in _dependencies() if d["artifactId"] == "kafka_2.13")


def locked() -> tuple[Jar, ...]:
    """Returns every jar of the lock."""
    return tuple(Jar(f"{d['artifactId']}-{d['version']}.jar", str(d["sha256"])) for d in _dependencies())


def classpath(data: Path) -> str:
    """Returns the class path of exactly the locked jars, fetched where they are missing; refuses a jar that is not the locked one."""
    folder = cache_folder(data)
    with _alone(folder):
        if missing(folder):
            _fetch(folder)
        check(folder)
    return os.pathsep.join(str(_find(folder, jar)) for jar in locked())


def cache_folder(data: Path) -> Path:
    """Returns where the jars of this lock lie: in the user's cache if it can be written, else in the city's data."""
    version = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    named = os.environ.get("JEJAK_CACHE")
    preferred = Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jejak-izin"
    for root in (preferred.absolute(), data / "cache"):
        folder = root / f"kafka-{version}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK | os.X_OK):
            return folder
    raise StackError(f"Neither {preferred} nor {data} can be written.", "Name a folder for Kafka's files in JEJAK_CACHE.")


def missing(folder: Path) -> list[str]:
    """Returns the names of the locked jars that a folder lacks."""
    return [jar.name for jar in locked() if _find(folder, jar) is None]


def check(folder: Path) -> None:
    """Refuses, naming it, a jar whose content is not what the lock says."""
    for jar in locked():
        path = _find(folder, jar)
        if path is None:
            raise StackError(f"{jar.name}, which Kafka needs, is missing.", f"Remove {folder} and start again with a network.")
        with path.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
        if digest != jar.sha256:
            raise StackError(
                f"{path.name} is not the file that the lock names: its SHA-256 is {digest}, not {jar.sha256}.",
                f"Nothing was started. Remove {folder} and start again; if it happens again, tell the maintainers.",
            )


def _find(folder: Path, jar: Jar) -> Path | None:
    return next((path for name in FOLDERS if (path := folder / name / jar.name).is_file()), None)


def _fetch(folder: Path) -> None:
    for file in (SPEC, LOCK):
        shutil.copyfile(file, folder / file.name)
    # A repository cache inside the folder keeps every trace of this stack in one place.
    options = ["--ignore-config", "--resolver", "python", "--repo-cache", str(folder / "repository")]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "jgo", *options, "sync"],
            cwd=folder,
            env={**os.environ, "JGO_CACHE_DIR": str(folder)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=FETCH_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise StackError(f"Kafka's jars did not arrive within {FETCH_SECONDS} seconds.", "Try again with a faster network.") from error
    absent = missing(folder)
    if done.returncode or absent:
        log = folder / "fetch.log"
        log.write_text(done.stdout + done.stderr, encoding="utf-8")
        raise StackError(
            f"Kafka's jars could not be fetched ({len(absent)} of {len(locked())} are missing).",
            f"Connect to a network once; later starts need none. What the fetching said is in {log}.",
        )


def _dependencies() -> list[dict[str, str]]:
    dependencies: list[dict[str, str]] = tomllib.loads(LOCK.read_text(encoding="utf-8"))["dependencies"]
    return dependencies


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Lets one process at a time look at, or fill, a folder of jars."""
    with (folder / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
