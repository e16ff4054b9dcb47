"""What a person typed wrong is told in one sentence, with exit code 2, before any server is asked."""

from pathlib import Path
from typing import Any

import pytest

from services.cli.errors import USAGE, JejakError
from services.cli.importing import import_log
from services.cli.replay import replay, subject_of
from tests.builders import CODE


@pytest.mark.parametrize("typed", [CODE, CODE.lower(), CODE.replace("-", " "), CODE.removeprefix("PKY-")])
def test_a_code_is_read_however_it_is_spelled(typed: str) -> None:
    """Case, spacing and the prefix do not matter."""
    assert subject_of(typed) == CODE


@pytest.mark.parametrize("typed", ["receipt/case-10011", "legacy:receipt/case-10011"])
def test_an_imported_case_is_named_by_its_system(typed: str) -> None:
    """The short form and the ledger's own name mean the same."""
    assert subject_of(typed) == "legacy:receipt/case-10011"


@pytest.mark.parametrize("typed", ["", "PKY-0000-0000-0000-1", "legacy:", "receipt/", "a/b/c d"])
def test_what_names_nothing_is_a_usage_error(typed: str) -> None:
    """The sentence says what to do."""
    with pytest.raises(JejakError) as refused:
        subject_of(typed)
    assert refused.value.code == USAGE
    assert "Compare it" in str(refused.value)


def test_replay_needs_exactly_one_thing_to_show(tmp_path: Path) -> None:
    """No code, all without comparing, and comparing without a choice are usage errors, as is a city that is not there."""
    wrong: tuple[dict[str, Any], ...] = (
        {},
        {"everything": True},
        {"compare": True},
        {"compare": True, "everything": True, "code": CODE},
        {"code": CODE},
    )
    for options in wrong:
        with pytest.raises(JejakError) as refused:
            replay(**{"data": tmp_path, "code": None, **options})
        assert refused.value.code == USAGE, options


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    """Neither a missing city nor a missing file shows a trace."""
    with pytest.raises(JejakError) as refused:
        import_log(tmp_path / "missing.xes", data=tmp_path)
    assert refused.value.code == USAGE
