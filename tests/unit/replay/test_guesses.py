"""Wrong tokens and cookies are counted together by address; right ones are nobody's to lock out."""

from __future__ import annotations

from pathlib import Path

import falcon.testing
import pytest

from replay.guesses import MOST_ADDRESSES, Guesses
from tests.unit.replay.test_access import LONG_TOKEN, TOKEN, Service

PATH = "/api/recordings?wrong=1"


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """Three wrong ones at once, one a second."""
    return Service(tmp_path)


def _ask(service: Service, token: str, **options: object) -> falcon.testing.Result:
    headers = {"Authorization": f"Bearer {token}"}
    return service.client.simulate_get(PATH, headers=headers, **options)


def _forged(service: Service, value: str) -> falcon.testing.Result:
    return service.client.simulate_get(PATH, cookies={"reelstream": value})


def test_every_way_of_guessing_has_one_limit(service: Service) -> None:
    """A wrong login, a wrong bearer token and a forged cookie count together; then all are told to wait."""
    assert service.log_in("wrong").status_code == 401
    assert _ask(service, "wrong").status_code == 401
    assert _forged(service, "v2.shop.forged").status_code == 401
    for refused in (service.log_in("wrong"), _ask(service, "wrong"), _forged(service, "v2.shop.forged")):
        assert (refused.status_code, refused.json["error"]) == (429, "rate_limited")
        assert refused.headers["Retry-After"] == "1"
    service.now += 1
    assert _ask(service, "wrong").status_code == 401
    assert _ask(service, "wrong").status_code == 429


def test_guesses_of_a_thousand_are_few(service: Service) -> None:
    """Of a thousand guesses in a moment all but the burst are not even looked at, long ones included."""
    answers = [_ask(service, f"guess-{number}" + "x" * 40 * (number % 2)).status_code for number in range(1000)]
    assert answers == [401] * 3 + [429] * 997


def test_right_ones_are_not_counted(service: Service) -> None:
    """A right token may be shown any number of times."""
    assert [_ask(service, TOKEN).status_code for _ in range(20)] == [422] * 20
    assert [service.log_in().status_code for _ in range(20)] == [204] * 20


def test_others_guesses_lock_nobody_out(service: Service) -> None:
    """While an address is told to wait, its cookies and its long token work; a short one waits; others do not."""
    cookie = service.log_in().cookies["reelstream"].value
    for _ in range(5):
        _ask(service, "wrong")
    assert _ask(service, "wrong").status_code == 429
    assert service.page(cookie) == 200
    assert _forged(service, cookie).status_code == 422
    assert _ask(service, LONG_TOKEN).status_code == 422
    assert service.log_in(LONG_TOKEN).status_code == 204
    assert _ask(service, TOKEN).status_code == 429
    assert _ask(service, TOKEN, remote_addr="10.0.0.9").status_code == 422
    service.now += 1
    assert _ask(service, TOKEN).status_code == 422


def test_old_cookies_are_no_guesses(service: Service) -> None:
    """A cookie we signed that is too old or was logged out costs nothing."""
    cookie = service.log_in().cookies["reelstream"].value
    service.now += 13 * 3600
    assert [_forged(service, cookie).status_code for _ in range(10)] == [401] * 10
    assert _ask(service, "wrong").status_code == 401


@pytest.mark.parametrize("authorization", ["Bearer", "Bearer ", "Basic x", "", "bearer"])
def test_nothing_shown_is_nothing_guessed(service: Service, authorization: str) -> None:
    """Asking without a token or a cookie is refused and costs nothing."""
    for _ in range(10):
        answer = service.client.simulate_get(PATH, headers={"Authorization": authorization, "Cookie": "reelstream="})
        assert answer.status_code == 401
    assert _ask(service, "wrong").status_code == 401


def test_a_page_is_never_refused(service: Service) -> None:
    """Whoever comes to a page with a cookie that is not ours is sent to the login, however many have guessed."""
    assert [service.page("forged") for _ in range(10)] == [303] * 10


def test_memory_is_bounded_and_buys_nothing() -> None:
    """Beyond the bound new addresses share a bucket; those that are full again make room."""
    now = 0.0
    guesses = Guesses(1.0, 1, lambda: now)
    for number in range(MOST_ADDRESSES):
        assert guesses.wait(str(number)) == 0.0
        guesses.failed(str(number))
    assert guesses.wait("one more") == 0.0
    guesses.failed("one more")
    assert guesses.wait("another") == 1.0
    assert guesses.wait("0") == 1.0
    assert len(guesses) <= MOST_ADDRESSES
    now = 2.0
    assert guesses.wait("another") == 0.0
    guesses.failed("another")
    assert guesses.wait("another") == 1.0
    assert len(guesses) <= MOST_ADDRESSES
