"""The pages of plans: a form without a script whose answers stand in the address, small, well formed, in both languages."""

import re
from typing import Any

import pytest

from services.catalogue.shipped import shipped_sops
from services.tracker.doors import PAGES
from services.tracker.plan_pages import page_tree
from shared.kit.shipped_plans import goals
from shared.web import site
from tests.services.tracker.test_page import PAGE_BYTES_MAX, read

SOPS = tuple({sop.permit_type: sop for sop in sorted(shipped_sops(), key=lambda sop: sop.version)}.values())
EVERYTHING = {fact.name: "ya" for goal in goals().values() for fact in goal.facts}
EVERY_LANGUAGE = pytest.mark.parametrize("tongue", ["id", "en"])


def page(goal: str, written: dict[str, str], tongue: str) -> tuple[str, dict[str, Any]]:
    """Returns the page of a plan and its facts."""
    tree = page_tree(goals()[goal], SOPS, written, tongue)
    return PAGES.render("plan.html", tongue, plan=tree, languages={"id": "?lang=id", "en": "?lang=en"}), tree


@EVERY_LANGUAGE
@pytest.mark.parametrize("written", [{}, EVERYTHING, {"gedung-baru": "ya", "pbg-usaha.lantai": "banyak"}], ids=["open", "all", "wrong"])
@pytest.mark.parametrize("goal", sorted(goals()))
def test_page_is_small_well_formed_and_without_scripts(goal: str, written: dict[str, str], tongue: str) -> None:
    """Below 40 KB with its style sheet, elements closed, headings in order, ids once, every field with its label, nothing foreign."""
    html, tree = page(goal, written, tongue)
    reader = read(html)
    assert len(html.encode()) + sum(len(content) for content in site.FILES.values()) <= PAGE_BYTES_MAX
    assert (reader.open, reader.wrong) == ([], [])
    assert len(set(reader.ids)) == len(reader.ids)
    assert all(following <= before + 1 for before, following in zip(reader.headings, reader.headings[1:], strict=False))
    assert "script" not in reader.tags
    assert not re.search(r'(style=|\son[a-z]+=|(src|href|action)="(https?:)?//)', html)
    described = re.findall(r'aria-describedby="([^"]+)"', html)
    assert all(set(names.split()) <= set(reader.ids) for names in described)
    texts = [item for item in tree["questions"] if item["kind"] in ("count", "measure")]
    assert html.count('<div class="field">') == html.count("aria-describedby") == len(texts)
    assert html.count("<fieldset>") == html.count("<legend>") == len(tree["questions"]) - len(texts)


@EVERY_LANGUAGE
def test_page_shows_the_facts_of_the_tree(tongue: str) -> None:
    """Every permit, document and place elsewhere stands on the page, with the days and what is still to be told."""
    html, tree = page("buka-kafe", {**EVERYTHING, "pbg-usaha.luas-lantai-m2": "200", "pbg-usaha.indeks": "0,5"}, tongue)
    text = read(html).text
    assert [permit["title"][tongue] for stage in tree["stages"] for permit in stage if permit["title"][tongue] not in text] == []
    assert [title[tongue] for item in tree["documents"] for title in item["titles"] if title[tongue] not in text] == []
    assert [item["where"][tongue] for item in tree["elsewhere"] if item["where"][tongue] not in text] == []
    assert "34" in text
    assert "Rp1.800.000" in text
    assert 'value="0,5"' in html
