"""Puts the ledger together."""

from pathlib import Path

from fastapi import FastAPI

from services.ledger import domain, doors
from shared.kit.ledger_process import build_ledger
from shared.kit.process import Background
from shared.kit.process import run as run_process
from shared.kit.settings import Settings


def build(settings: Settings) -> tuple[FastAPI, Background]:
    """Returns the app and its background work."""
    return build_ledger(settings, domain, Path(__file__).with_name("schema.sql"), doors.add_routes)


def run() -> None:
    """Runs the ledger with the settings of the environment."""
    run_process(build)
