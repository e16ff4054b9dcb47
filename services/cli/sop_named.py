"""Reads an SOP that a person names: a file, or a type of the shipped catalogue with or without its version."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from services.cli.errors import USAGE, JejakError

if TYPE_CHECKING:
    from pydantic import ValidationError

    from shared.sop.model import Sop

CATALOGUE: Final = Path(__file__).parents[2] / "shared" / "sop" / "catalogue"
FILE_BYTES_MAX: Final = 1 << 20
PROBLEMS_SHOWN_MAX: Final = 5


def named_sop(name: str) -> "Sop":
    """Returns the SOP of a file, of `type@version`, or the newest version of `type`."""
    if name.endswith((".yaml", ".yml", ".json")) or "/" in name:
        return read_file(Path(name))
    permit_type, _, version = name.partition("@")
    shipped = [read_file(file) for file in sorted(CATALOGUE.glob("*.yaml"))]
    found = [sop for sop in shipped if sop.permit_type == permit_type and version in ("", str(sop.version))]
    if not found:
        names = ", ".join(sorted(sop.name for sop in shipped))
        raise JejakError(USAGE, f"The shipped catalogue has no {name!r}.", f"Name a file, or one of: {names}.")
    return max(found, key=lambda sop: sop.version)


def read_file(file: Path) -> "Sop":
    """Returns the SOP that a YAML or JSON file holds."""
    import yaml
    from pydantic import ValidationError

    from shared.envelope import canonical
    from shared.sop.model import read_sop

    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise JejakError(USAGE, f"{file} is larger than {FILE_BYTES_MAX >> 20} MiB.", "Name the file of one SOP.")
        return read_sop(canonical(yaml.safe_load(file.read_text(encoding="utf-8"))))
    except (FileNotFoundError, IsADirectoryError):
        raise JejakError(USAGE, f"There is no file {file}.", "Name a YAML file, or a type of the catalogue.") from None
    except ValidationError as error:
        raise JejakError(USAGE, f"{file} is no SOP: {_problems(error)}.", "See docs/how-to/add-a-permit-type.md.") from None
    except (yaml.YAMLError, TypeError, UnicodeDecodeError) as error:
        place = str(error).replace("\n", " ").replace("  ", " ")
        raise JejakError(USAGE, f"{file} cannot be read as YAML: {place}.", "Mend it and try again.") from None


def _problems(error: "ValidationError") -> str:
    found = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}".removeprefix(": ") for item in error.errors()]
    more = f"; and {len(found) - PROBLEMS_SHOWN_MAX} more" if len(found) > PROBLEMS_SHOWN_MAX else ""
    return "; ".join(found[:PROBLEMS_SHOWN_MAX]) + more
