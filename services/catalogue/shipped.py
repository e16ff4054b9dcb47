"""What is shipped with the software: the demo catalogue of SOPs, and the registers by which drafts are checked."""

from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml

from shared.envelope import canonical
from shared.sop import model
from shared.sop.caps import Cap, read_caps
from shared.sop.legal import Register, read_register
from shared.sop.lint import Registers
from shared.sop.lint_overlaps import Chain, read_chains
from shared.sop.model import Sop, read_sop

FOLDER: Final = Path(model.__file__).parent
# The same loader in C, a tenth as slow, where the library was built with it: a catalogue's service reads all this at every start.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def shipped_sops() -> tuple[Sop, ...]:
    """Returns every SOP of the shipped demo catalogue."""
    files = sorted((FOLDER / "catalogue").glob("*.yaml"))
    return tuple(read_sop(canonical(_read(file))) for file in files)


def registers(on: date) -> Registers:
    """Returns the shipped registers, to judge as of a day."""
    return Registers(regulations(), chains(), on, caps())


def regulations() -> Register:
    """Returns the shipped register of regulations."""
    return read_register(_tree("register.yaml"))


def chains() -> tuple[Chain, ...]:
    """Returns the shipped chains of permit types."""
    return read_chains(_tree("chains.yaml"))


def caps() -> tuple[Cap, ...]:
    """Returns the shipped national limits."""
    return read_caps(_tree("caps.yaml"))


def _tree(name: str) -> Any:  # noqa: ANN401 - any YAML value
    return _read(FOLDER / name)


def _read(file: Path) -> Any:  # noqa: ANN401 - any YAML value
    return yaml.load(file.read_text(encoding="utf-8"), _LOADER)  # noqa: S506 - a safe loader
