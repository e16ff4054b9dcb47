"""A city in one process for each test that asks, on the session's PostgreSQL."""

from collections.abc import Callable, Iterator

import pytest

from deploy.local.layout import Stack
from tests.integration.minicity import MiniCity


@pytest.fixture
def make_minicity(stack: Stack) -> Iterator[Callable[..., MiniCity]]:
    """Makes cities and closes them at the end of the test."""
    made: list[MiniCity] = []

    def make(**options: object) -> MiniCity:
        made.append(MiniCity(stack, **options))  # type: ignore[arg-type]  # MiniCity's own options
        return made[-1]

    yield make
    for city in made:
        city.close()


@pytest.fixture
def minicity(make_minicity: Callable[..., MiniCity]) -> MiniCity:
    """A city with one deployment of each stage."""
    return make_minicity()
