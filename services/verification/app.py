"""Puts verification together."""

from pathlib import Path

from fastapi import FastAPI

from services.verification import domain, doors, pools, views
from shared.kit.process import Background
from shared.kit.process import run as run_process
from shared.kit.service import build_stage
from shared.kit.settings import Settings
from shared.kit.stage_model import Definition

DEFINITION = Definition("verification", domain.react, views.project, Path(__file__).with_name("schema.sql"), views.KEEPS)


def build(settings: Settings) -> tuple[FastAPI, Background]:
    """Returns the app and its background work."""
    return build_stage(settings, DEFINITION, doors.DOORS, pools.add_routes)


def run() -> None:
    """Runs verification with the settings of the environment."""
    run_process(build)
