"""A city in one process for each test that asks, on the session's PostgreSQL."""

from collections.abc import Callable, Iterator

import pytest

from deploy.local.layout import Stack
from deploy.local.supervisor import City as LocalCity
from tests.faults.harness import city as fresh_city
from tests.integration.minicity import MiniCity


@pytest.fixture(scope="session")
def minicity_stack(stack: Stack) -> Iterator[Stack]:
    """The session's servers, with the connections that cities leave to each other."""
    yield stack
    MiniCity.close_all()


@pytest.fixture
def make_minicity(minicity_stack: Stack) -> Iterator[Callable[..., MiniCity]]:
    """Makes cities and closes them at the end of the test."""
    made: list[MiniCity] = []

    def make(**options: object) -> MiniCity:
        made.append(MiniCity(minicity_stack, f"m{len(made)}", **options))  # type: ignore[arg-type]  # MiniCity's own options
        return made[-1]

    yield make
    for city in made:
        city.close()


@pytest.fixture
def minicity(make_minicity: Callable[..., MiniCity]) -> MiniCity:
    """A city with one deployment of each stage."""
    return make_minicity()


@pytest.fixture(scope="session")
def real_city() -> Iterator[LocalCity]:
    """A whole city as `jejak up` starts it, with its catalogue published, for tests of the commands against it; tests leave it in order."""
    with fresh_city(traced=True) as local:
        yield local
