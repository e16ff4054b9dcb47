"""The official forms of an SOP as one HTML file each: nothing is fetched, nothing runs, and paper gets the same as the screen."""

import hashlib
from base64 import b64encode
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.web import sop_words as words
from shared.web.sop_form_texts import TEXTS
from shared.web.sop_forms import ServiceStandard, SopAp

TEMPLATES: Final = Path(__file__).parent / "templates"
# The flowchart needs the width; the list of components does not.
PAGES: Final = {"sop-ap": "@page{size:A4 landscape;margin:10mm}", "standar-pelayanan": "@page{size:A4;margin:15mm}"}


def html(form: SopAp | ServiceStandard) -> str:
    """Returns a form as a whole HTML document."""
    name = "sop-ap" if isinstance(form, SopAp) else "standar-pelayanan"
    language = form.head.language

    def say(key: str) -> str:
        return words.pick(TEXTS[key], language)

    style = (TEMPLATES / "print" / "print.css").read_text(encoding="utf-8") + PAGES[name]
    style_hash = "sha256-" + b64encode(hashlib.sha256(style.encode()).digest()).decode()
    template = _environment().get_template(f"print/{name}.html")
    # The style is the project's own file; the policy of the page allows this one and no other.
    text = template.render(form=form, t=say, style=style, style_hash=style_hash)
    return "\n".join(line for line in text.split("\n") if line.strip()) + "\n"


def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
