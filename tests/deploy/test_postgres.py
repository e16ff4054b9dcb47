"""The local PostgreSQL: durable, closed to strangers, one database for each sender."""

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from deploy.local import postgres
from deploy.local.layout import Stack


def test_a_sender_owns_its_database(stack: Stack) -> None:
    """Every sender and the tracker connect as themselves to a database of their own."""
    for name in stack.users:
        with psycopg.connect(postgres.database_url(stack, name)) as connection:
            row = connection.execute(
                "SELECT current_user, current_database(), pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
            )
            assert row.fetchone() == (name, name, name)


def test_a_sender_cannot_open_the_database_of_another(stack: Stack) -> None:
    """Intake is turned away from the ledger's database."""
    address = make_conninfo(postgres.database_url(stack, "intake"), dbname="ledger")

    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(address)


@pytest.mark.parametrize("user", ["postgres", "intake"])
def test_nobody_enters_with_a_wrong_password(stack: Stack, user: str) -> None:
    """Being on the same machine is not enough, not even for the superuser."""
    address = make_conninfo(postgres.database_url(stack, user), dbname="postgres", password="wrong")

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(address)


def test_nothing_listens_on_the_network_and_everything_is_on_disk(stack: Stack) -> None:
    """The server has no network address and waits for the disk at each commit."""
    facts = postgres.facts(stack)

    assert facts["listen_addresses"] == ""
    assert (facts["fsync"], facts["synchronous_commit"], facts["full_page_writes"]) == ("on", "on", "on")


def test_starting_again_changes_nothing(stack: Stack) -> None:
    """A second start finds the running server and its databases."""
    pid = postgres.running_pid(stack)

    postgres.start(stack)

    assert postgres.running_pid(stack) == pid is not None
