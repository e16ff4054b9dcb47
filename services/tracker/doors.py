"""The tracker's doors."""

from typing import Final

from shared.kit.doors import Door

DOORS: Final[tuple[Door, ...]] = ()
