"""Puts catalogue together."""

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI

from services.catalogue import domain, doors, shipped, views
from shared.city import City
from shared.draft import Draft
from shared.kit.process import Background
from shared.kit.process import run as run_process
from shared.kit.service import build_stage
from shared.kit.settings import Settings
from shared.kit.stage_model import Definition


def _opening(city: City) -> Sequence[tuple[str, Draft]]:
    return domain.open_catalogue(city, shipped.shipped_sops())


DEFINITION = Definition("catalogue", domain.react, views.project, Path(__file__).with_name("schema.sql"), views.KEEPS, opening=_opening)


def build(settings: Settings) -> tuple[FastAPI, Background]:
    """Returns the app and its background work."""
    return build_stage(settings, DEFINITION, doors.DOORS, doors.add_routes)


def run() -> None:
    """Runs catalogue with the settings of the environment."""
    run_process(build)
