"""A login that was ended opens nothing, whoever still has its cookie."""

from __future__ import annotations

from pathlib import Path

import pytest

from replay.logouts import MOST_OF_PROJECT, Ended, EndedLogins
from replay.sessions import Login
from tests.unit.replay.test_access import Service


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """The application without ClickHouse."""
    return Service(tmp_path)


def _log_out(service: Service, cookie: str) -> object:
    return service.client.simulate_post("/logout", cookies={"reelstream": cookie})


def test_a_copy_of_the_cookie_is_worth_nothing_after_logout(service: Service) -> None:
    """Logging out ends this login and no other one, of the same token and second."""
    mine, others = (service.log_in().cookies["reelstream"].value for _ in range(2))
    assert mine != others
    _log_out(service, mine)
    assert service.page(mine) == 303
    answer = service.client.simulate_get("/api/recordings?wrong=1", cookies={"reelstream": mine})
    assert answer.status_code == 401
    assert service.page(others) == 200


def test_logout_takes_away_only_what_was_shown(service: Service) -> None:
    """Without a cookie, as another site's form comes, nothing is ended and no cookie is deleted."""
    cookie = service.log_in().cookies["reelstream"].value
    answer = service.client.simulate_post("/logout")
    assert (answer.status_code, dict(answer.cookies)) == (204, {})
    forged = service.client.simulate_post("/logout", cookies={"reelstream": cookie[:-1]})
    assert (forged.status_code, forged.cookies["reelstream"].value) == (204, "")
    assert service.page(cookie) == 200


def test_get_does_not_log_out(service: Service) -> None:
    """A link or a picture cannot log anyone out."""
    assert service.client.simulate_get("/logout").status_code == 405


def _login(project: str, number: int, issued: int = 10, end: int = 100) -> tuple[Login, Ended]:
    return Login(project, str(number), issued, end), Ended(project, str(number), 0, end)


def test_memory_of_a_project_is_bounded() -> None:
    """Beyond the bound all logins of that project end, none stays open, and other projects notice nothing."""
    ended = EndedLogins()
    for number in range(MOST_OF_PROJECT):
        login, row = _login("shop", number)
        assert ended.add(row, 20) == row
    other, _ = _login("other", 1)
    open_still, row = _login("shop", -1)
    assert not ended.has(open_still)
    assert ended.add(row, 20) == Ended("shop", "", 20, 100)
    assert ended.has(open_still)
    assert ended.has(login)
    assert not ended.has(other)
    later, _ = _login("shop", -2, issued=21)
    assert not ended.has(later)


def test_what_is_over_is_forgotten() -> None:
    """A login that would have ended by itself needs no memory, and makes room."""
    ended = EndedLogins()
    for number in range(MOST_OF_PROJECT):
        ended.add(_login("shop", number, end=50)[1], 20)
    login, row = _login("shop", -1)
    assert ended.add(row, 60) == row
    assert ended.has(login)
