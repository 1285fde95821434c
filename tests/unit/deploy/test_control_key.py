"""The secret of user hashes that the one-machine stack makes for itself."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from deploy.local.control_key import READERS, VARIABLE, ensure_control_key, own_variables
from deploy.local.layout import Layout, LocalSettings, Ports
from deploy.local.programs import all_programs
from processors.runtime.control import ControlSettings


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A stack that was never started."""
    layout = Layout(directory=tmp_path / "stack", shared=tmp_path)
    layout.create()
    return layout


def test_the_key_is_made_once_and_for_its_owner(layout: Layout) -> None:
    """The first start makes a key that nobody else may read, later ones find it, and another stack has another."""
    key = ensure_control_key(layout)
    assert ensure_control_key(layout) == key
    assert stat.S_IMODE(layout.control_key.stat().st_mode) == 0o600
    layout.control_key.unlink()
    assert ensure_control_key(layout) != key


def test_a_start_cut_short_leaves_no_half_of_a_key(layout: Layout) -> None:
    """What an interrupted start left behind is not taken for a key."""
    layout.control_key.with_suffix(".new").write_text("ab")
    assert len(ensure_control_key(layout)) == 64


def test_the_readers_of_tombstones_get_it_and_no_other_program(layout: Layout) -> None:
    """Programs that must recognise a user get the key in the form they ask for."""
    variables = own_variables({}, layout)
    assert set(variables) == set(READERS)
    names = {program.name for program in all_programs(LocalSettings.model_construct(), layout, Ports())}
    assert set(variables) <= names
    settings = ControlSettings(key=variables["privacy"][VARIABLE])
    assert settings.user_keys().ids


def test_a_key_of_the_caller_s_is_the_only_one(layout: Layout) -> None:
    """Whoever sets a key keeps it: none is made, and every program inherits the caller's."""
    assert own_variables({VARIABLE: "a" * 16}, layout) == {}
    assert not layout.control_key.exists()
