"""The `jejak` command: gathers the commands of services/cli and turns what went wrong into one sentence."""

import errno
import importlib
import pkgutil
import sys

import typer

from services import cli
from services.cli.errors import USAGE, JejakError


def build() -> typer.Typer:
    """Returns the command line with the commands of every module that registers some."""
    app = typer.Typer(
        name="jejak",
        help="The trail of a city's permits, on this machine.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode=None,
    )
    for found in pkgutil.iter_modules(cli.__path__):
        register = getattr(importlib.import_module(f"{cli.__name__}.{found.name}"), "register", None)
        if register is not None:
            register(app)
    return app


def main() -> None:
    """Runs the command that the arguments name; never shows a trace for what a person can mend."""
    try:
        build()(prog_name="jejak")
    except JejakError as error:
        _end(str(error), error.code)
    except OSError as error:
        sentence = _explain(error)
        if sentence is None:
            raise
        _end(sentence, USAGE)


def _explain(error: OSError) -> str | None:
    place = f" ({error.filename})" if error.filename else ""
    sentences = {
        errno.ENOSPC: f"The disk is full{place}. Free some space and try again.",
        errno.EDQUOT: f"The quota of this disk is used up{place}. Free some space and try again.",
        errno.EROFS: f"The disk can only be read{place}. Name another folder with --data DIR.",
        errno.EACCES: f"This user may not do that{place}. Change the permissions, or name another folder with --data DIR.",
    }
    return sentences.get(error.errno or 0)


def _end(text: str, code: int) -> None:
    sys.stderr.write(f"jejak: {text}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
