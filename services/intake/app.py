"""Puts intake together."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.intake import domain, doors, drafts, views
from services.intake.papers import PaperDesk
from services.intake.proofs import proofs_at
from services.intake.signer import LocalSigner
from shared.kit.process import Background
from shared.kit.process import run as run_process
from shared.kit.service import build_stage
from shared.kit.settings import Settings
from shared.kit.stage_model import Definition

DEFINITION = Definition("intake", domain.react, views.project, Path(__file__).with_name("schema.sql"), views.KEEPS)


def build(settings: Settings) -> tuple[FastAPI, Background]:
    """Returns the app and its background work."""
    limits = drafts.Limits(settings.drafts_days, settings.drafts_max)
    definition = replace(DEFINITION, tidy=partial(drafts.erase_silent, days=limits.days))
    signer = LocalSigner(settings.certificate_file) if settings.certificate_file else None
    desk = PaperDesk(proofs_at(settings.ledger_url), settings.tracker_url, signer)
    return build_stage(settings, definition, doors.DOORS, partial(doors.add_routes, limits=limits, papers=desk))


def run() -> None:
    """Runs intake with the settings of the environment."""
    run_process(build)
