"""What must hold when processes, the broker and the database are killed while the city works."""

import os
import random
import sys
import threading
import time
from functools import partial

import pytest

from deploy.local.supervisor import City as LocalCity
from tests.faults import harness

SEED = int(os.environ.get("JEJAK_FAULT_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
SERVICES = ("ledger", "intake", "verification", "inspection", "issuance", "treasury", "tracker")


def run_with_chaos(local: LocalCity, total: int, chaos: harness.Chaos) -> harness.Report:
    """Submits under chaos, lets the city settle, and checks everything."""
    load = harness.Load(local, total)
    chaos.start()
    load.run()
    chaos.stop()
    harness.await_accepted(local, load.accepted)
    harness.settle(local)
    return harness.check(local, load.accepted)


@pytest.mark.timeout(300)
def test_nothing_is_lost_when_intake_and_ledger_are_killed(capsys: pytest.CaptureFixture[str]) -> None:
    """Given 120 submissions, when intake and ledger are killed at random, then every accepted event stands in the ledger once."""
    with harness.city() as local:
        report = run_with_chaos(local, 120, harness.Chaos(local, SEED, ("ledger", "intake"), kills_max=6))
    with capsys.disabled():
        sys.stdout.write(f"\nseed {SEED}: {report}\n")
    assert report.accepted >= 120


@pytest.mark.ledger_kill
@pytest.mark.timeout(600)
def test_the_ledger_killed_three_times_loses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Given 500 applications, when the ledger is killed three times meanwhile, then accepted = entered + refused."""
    with harness.city() as local:
        load, kills = harness.Load(local, 500), 0
        worker = threading.Thread(target=load.run)
        worker.start()
        # By what was taken, not by the clock: however fast the machine is, each kill falls into the submissions.
        for taken in (100, 250, 400):
            harness.until(partial(load.reached, taken), 120)
            local.kill("ledger")
            kills += 1
            assert not load.reached(500)
        worker.join()
        harness.await_accepted(local, load.accepted)
        harness.settle(local)
        report = harness.check(local, load.accepted)
    with capsys.disabled():
        sys.stdout.write(f"\nledger killed {kills} times: {report}\n")
    assert kills == 3
    assert report.accepted == report.entered + report.refused >= 500


@pytest.mark.faults
@pytest.mark.timeout(1500)
def test_the_city_survives_every_kind_of_kill(capsys: pytest.CaptureFixture[str]) -> None:
    """Given 2,000 applications, when services, Kafka and PostgreSQL are killed at random, then nothing is lost, doubled or different."""
    with harness.city() as local:
        chaos = harness.Chaos(local, SEED, SERVICES, pause_seconds=(0.8, 2.4))
        load = harness.Load(local, 2000)
        worker = threading.Thread(target=load.run)
        chaos.start()
        worker.start()
        for action in (local.restart_kafka, local.restart_postgres, local.restart_kafka, local.restart_postgres):
            target = len(load.codes) + 250
            harness.until(partial(load.reached, min(target, 1900)), 600)
            action()
        worker.join()
        started = time.monotonic()
        harness.until(lambda: chaos.kills >= 50, 600)
        chaos.stop()
        harness.await_accepted(local, load.accepted)
        harness.settle(local)
        report = harness.check(local, load.accepted)
    with capsys.disabled():
        sys.stdout.write(
            f"\nseed {SEED}: {chaos.kills} kills, Kafka and PostgreSQL stopped twice each, {load.retries} retries,"
            f" {time.monotonic() - started:.0f} s to settle: {report}\n"
        )
    assert chaos.kills >= 50
    assert report.accepted == report.entered + report.refused >= 2000
