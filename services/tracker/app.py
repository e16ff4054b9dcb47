"""Puts tracker together."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.tracker import domain, doors, views
from services.tracker.past import Past
from shared.kit.process import Background
from shared.kit.process import run as run_process
from shared.kit.service import build_stage
from shared.kit.settings import Settings
from shared.kit.stage_model import Definition

DEFINITION = Definition("tracker", domain.react, views.project, Path(__file__).with_name("schema.sql"), views.KEEPS, pace_seconds=0.02)


def build(settings: Settings) -> tuple[FastAPI, Background]:
    """Returns the app and its background work."""
    past = Past()
    return build_stage(settings, replace(DEFINITION, attach=past.attach), (), partial(doors.add_routes, past=past), desk=False)


def run() -> None:
    """Runs tracker with the settings of the environment."""
    run_process(build)
