"""What the documents for a privacy officer say, against the code: bounds, lifetimes, rules, reasons and examples."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from processors.enrich.limits import Limits as EnrichLimits
from processors.privacy.field_names import SECRET_PHRASES, SECRET_WORDS
from processors.privacy.hold import MAX_BYTES
from processors.privacy.limits import MIB, Limits
from processors.privacy.session import FORGET_AFTER_MS
from processors.runtime.control import KEY_CHARACTERS
from schemas import topics
from schemas.control import IN_FORCE_MS
from schemas.metrics import BY_NAME
from schemas.policy import PRESETS
from schemas.project import HOLD_SECONDS, Project, Sampling, parse_policy, parse_projects
from schemas.reasons import Reason

DOCUMENTS = Path(__file__).resolve().parents[2] / "docs"
PRIVACY = (DOCUMENTS / "privacy.md").read_text("utf-8")
SAMPLING = (DOCUMENTS / "sampling.md").read_text("utf-8")
PER_MS = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (PRIVACY, f"{Limits().nodes:,} elements on a page, or {Limits().levels} levels"),
        (PRIVACY, f"{EnrichLimits().inflated_bytes // MIB} MiB in one payload"),
        (PRIVACY, f"{Limits().pages} page loads remembered"),
        (PRIVACY, f"{HOLD_SECONDS} seconds or {MAX_BYTES // MIB} MiB held"),
        (PRIVACY, f"at most {HOLD_SECONDS} seconds and {MAX_BYTES // MIB} MiB"),
        (PRIVACY, f"deleted {FORGET_AFTER_MS * PER_MS // timedelta(hours=1)} hours after"),
        (PRIVACY, f"Nothing accepted {IN_FORCE_MS // 1000} seconds after it"),
        (PRIVACY, f"that wait, {EnrichLimits().hold.milliseconds // 1000} seconds at most"),
        (PRIVACY, f"topics {topics.REDACTED.retention.days} days"),
        (PRIVACY, f"`retention_days` ({Project.model_fields['retention_days'].default})"),
        (SAMPLING, f"at most {HOLD_SECONDS} seconds and {MAX_BYTES // MIB} MiB"),
        (SAMPLING, f"more than {MAX_BYTES // MIB} MiB came"),
        (SAMPLING, f"{KEY_CHARACTERS} characters or more"),
    ],
)
def test_bounds_are_the_code_s(document: str, words: str) -> None:
    """A number that a document names is the one in force."""
    assert words in document


@pytest.mark.parametrize("names", [SECRET_WORDS, SECRET_PHRASES])
def test_the_names_of_secret_fields_are_told(names: Iterable[str]) -> None:
    """Who writes pages can look up by which names a field is secret."""
    assert [name for name in names if f"`{name}`" not in PRIVACY] == []


def test_the_policy_of_the_walk_through_is_the_one_it_names() -> None:
    """Whoever follows the steps sees the version that the page shows."""
    assert f"policy {parse_policy('balanced').version}\n" in PRIVACY


@pytest.mark.parametrize("preset", PRESETS)
def test_what_presets_keep_of_people_is_told(preset: str) -> None:
    """The table says of each preset what the policy says of itself: typed text, files, canvases, signals."""
    column = 2 + list(PRESETS).index(preset)
    cells = [[cell.strip() for cell in line.split("|")] for line in PRIVACY.splitlines() if line.count("|") > column]
    rows = {each[1]: each[column] for each in cells}
    inputs = PRESETS[preset].inputs
    assert (rows["what people type: other input fields, text areas, editable text"] == "kept") != (
        inputs.mask_typed or inputs.mask_all
    )
    assert (rows["names of files that people choose"] == "kept") != inputs.mask_file_names
    assert (rows["what is drawn on canvases"] == "dropped") == (PRESETS[preset].canvas == "drop")
    assert (rows["Global Privacy Control"] == "nothing is recorded") == (PRESETS[preset].consent.gpc == "drop")
    assert (rows["Do Not Track"] == "nothing is recorded") == (PRESETS[preset].consent.dnt == "drop")


def test_every_restricted_topic_is_told_with_its_lifetime() -> None:
    """Whoever gives access must know each place that holds what no rule has looked at."""
    for topic in topics.TOPICS:
        if topic.restricted:
            (row,) = (line for line in PRIVACY.splitlines() if line.startswith(f"| topic `{topic.name}`"))
            assert f"{topic.retention // timedelta(hours=1)} hours" in row


def test_every_preset_has_its_column_in_order() -> None:
    """The table of presets names each of them."""
    assert f"| | {' | '.join(f'`{name}`' for name in PRESETS)} |" in PRIVACY


def test_every_rule_of_sampling_is_told_and_shown() -> None:
    """The example uses every rule and can be loaded as it stands; the table says what each means."""
    example = SAMPLING.partition("```yaml\n")[2].partition("```")[0]
    sampling = parse_projects(example).projects["shop"].sampling
    assert sampling.model_fields_set == set(Sampling.model_fields)
    assert all(f"| `{name}` |" in SAMPLING for name in Sampling.model_fields)


def test_every_reason_to_leave_a_session_out_is_told() -> None:
    """The reasons of the table are those of whole sessions, under their own names; so are those of bounds."""
    whole = {"SAMPLED_OUT", "NOT_SELECTED", "HELD_OVERFLOW", "OPTED_OUT", "ERASED", "UNKNOWN_PROJECT"}
    table = SAMPLING.partition("| reason | meaning |")[2].partition("\n\n")[0]
    assert {row.split("`")[1] for row in table.splitlines()[2:]} == {Reason[name].value for name in whole}
    bounds = {
        "NODE_LIMIT",
        "INFLATE_LIMIT",
        "NOT_SELECTED",
        "HELD_OVERFLOW",
        "DEGRADED",
        "MALFORMED_EVENT",
        "WORK_LIMIT",
    }
    assert all(f"`{Reason[name].value}`" in PRIVACY for name in bounds)
    assert "`reelstream_stage_records_total`" in SAMPLING
    assert "reason" in BY_NAME["reelstream_stage_records_total"].labels
