"""JSON as browsers write it is read, and what was read can be written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.json_text import loads


@given(st.text(alphabet=st.characters(exclude_categories=[]) | st.sampled_from('\\"\ud83d\ude00u'), max_size=30))
def test_lone_surrogates_become_replacement_characters(text: str) -> None:
    """Every text a script can stringify is read; only halves of characters change, each to one U+FFFD."""
    expected = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert loads(json.dumps({text: [text]}).encode()) == {expected: [expected]}


def test_an_escaped_backslash_is_no_surrogate() -> None:
    """Six characters that only look like an escape stay as they are, next to one that is one."""
    assert loads(rb'["\\ud83d", "\ud83d"]') == ["\\ud83d", "\ufffd"]


@pytest.mark.parametrize(
    "text", [b"", b"[1", b"nan", b"[NaN]", b'"\xff"', b'{"a":"\\ud83d"', b"[" * 2000 + b"]" * 2000]
)
def test_what_is_not_json_is_a_value_error(text: bytes) -> None:
    """Broken, over-deep and non-UTF-8 texts are refused the same way."""
    with pytest.raises(ValueError, match=r"."):
        loads(text)
