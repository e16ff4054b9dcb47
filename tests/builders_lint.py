"""What tests of the lint need: the registers as shipped, judged as of one day, so that a finding does not come with the calendar."""

from datetime import date
from functools import cache
from pathlib import Path

import yaml

from shared.sop.caps import read_caps
from shared.sop.legal import read_register
from shared.sop.lint import Registers
from shared.sop.lint_overlaps import read_chains

SOPS = Path(__file__).parent.parent / "shared" / "sop"
DAY = date(2026, 11, 24)


@cache
def registers() -> Registers:
    """Returns the shipped registers."""
    regulations = read_register(yaml.safe_load((SOPS / "register.yaml").read_text(encoding="utf-8")))
    chains = read_chains(yaml.safe_load((SOPS / "chains.yaml").read_text(encoding="utf-8")))
    return Registers(regulations, chains, DAY, read_caps(yaml.safe_load((SOPS / "caps.yaml").read_text(encoding="utf-8"))))
