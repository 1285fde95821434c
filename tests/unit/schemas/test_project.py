"""The project file: what is accepted, and that every refusal names the line."""

from __future__ import annotations

import hashlib

import pytest

from schemas.project import ProjectFileError, parse_projects

GOOD = """\
projects:
  shop:
    write_keys: [shop-key]
    read_token_sha256: [{digest}]
    origins: ["https://shop.example"]
    sampling_percent: 12.5
  blog:
    write_keys: [blog-key, blog-key-2]
""".format(digest=hashlib.sha256(b"secret").hexdigest())


def test_keys_and_tokens_name_their_project() -> None:
    """A write key and a read token lead to the project that lists them, and nothing else does."""
    projects = parse_projects(GOOD)
    assert projects.by_write_key("blog-key-2") == "blog"
    assert projects.by_write_key("nobody") is None
    assert projects.by_read_token("secret") == "shop"
    assert projects.by_read_token("secret2") is None
    assert projects.projects["shop"].sampling_percent == 12.5


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("projects:\n  shop:\n    write_keys: [abcd]\n    writekeys: [x]\n", 4, "writekeys"),
        ("projects:\n  shop:\n    write_keys: []\n", 3, "write_keys"),
        ("projects:\n  shop:\n    write_keys: [abcd]\n    sampling_percent: 101\n", 4, "sampling_percent"),
        ("projects:\n  shop:\n    write_keys: [abcd]\n  blog:\n    write_keys: [abcd]\n", 5, "also belongs to shop"),
        ("projects:\n  Shop:\n    write_keys: [abcd]\n", 2, "lower-case"),
        ("projects:\n  shop:\n    write_keys: [abcd]\n    origins: ['shop.example']\n", 4, "origins"),
        ("projects: [\n", 2, "not YAML"),
    ],
)
def test_refusals_name_the_line(text: str, line: int, word: str) -> None:
    """Whatever is wrong with the file, the message says on which line and what."""
    with pytest.raises(ProjectFileError) as refusal:
        parse_projects(text)
    assert f"line {line}:" in str(refusal.value)
    assert word in str(refusal.value)


def test_refusals_never_quote_values() -> None:
    """A secret pasted into the wrong place does not come back in the message."""
    with pytest.raises(ProjectFileError) as refusal:
        parse_projects("projects:\n  shop:\n    write_keys: [abcd]\n    read_token_sha256: [hunter2]\n")
    assert "hunter2" not in str(refusal.value)
