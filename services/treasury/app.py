"""Puts the treasury together."""

import asyncio
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.treasury import domain, doors, views
from services.treasury.asking import Asker
from services.treasury.gateway import gateway_of
from shared.kit.doors import Running
from shared.kit.http import Site
from shared.kit.process import Background
from shared.kit.process import run as run_process
from shared.kit.service import build_stage
from shared.kit.settings import Settings
from shared.kit.stage_model import Definition

DEFINITION = Definition("treasury", domain.react, views.project, Path(__file__).with_name("schema.sql"), views.KEEPS)


def build(settings: Settings) -> tuple[FastAPI, Background]:
    """Returns the app and its background work: that of a stage, and the worker beside it."""
    gateway, key = gateway_of(settings)
    askers: list[Asker] = []

    def add_routes(app: FastAPI, site: Site, running: Running) -> None:
        doors.add_gateway_doors(app, site, running, gateway, key)
        askers.append(Asker(site, running, gateway))

    app, work = build_stage(settings, DEFINITION, doors.DOORS, add_routes)
    return app, partial(_work, work, askers[0])


async def _work(work: Background, asker: Asker) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_until_done(work))
        tasks.create_task(asker.run())


async def _until_done(work: Background) -> None:
    await work()


def run() -> None:
    """Runs the treasury with the settings of the environment."""
    run_process(build)
