"""Tombstones and signals of the browser end the recording of a session."""

from __future__ import annotations

from dataclasses import replace

import pytest

from processors.outcome import Drop, Keep
from processors.privacy.limits import Limits
from processors.privacy.sampling_quota import Partition
from processors.privacy.session import FORGET_AFTER_MS
from processors.privacy.transform import Privacy
from processors.record import Record
from schemas import headers as h
from schemas.control import IN_FORCE_MS, ControlError, Kind, Tombstone, Tombstones, UserKeys
from schemas.policy import BALANCED, STRICT
from schemas.policy_parts import Consent
from schemas.project import Project, Projects
from schemas.reasons import Reason
from tests.unit.processors.privacy.pages import BODY, incremental, meta, snapshot
from tests.unit.processors.privacy.payloads import SESSION, STARTED, Bench, payload

KEYS = UserKeys(["k" * 16])
AT = STARTED + 1000


def recorded(consent: Consent | None = None) -> Bench:
    """A bench whose project has these consent rules."""
    bench = Bench()
    policy = BALANCED.model_copy(update={"consent": consent or Consent()})
    projects = Projects(projects={"demo": Project(write_keys=("demo",), policy=policy)})
    bench.stage = Privacy(lambda: projects, Limits())
    return bench


def tombstones(*written: Tombstone) -> Tombstones:
    """Tombstones as read from the topic."""
    read = Tombstones(KEYS)
    for each in written:
        read.apply(each.key, each.value)
    return read


def connect(bench: Bench, *written: Tombstone) -> None:
    """Give the bench's stage tombstones."""

    def nowhere() -> Partition:
        raise AssertionError("no cap is set")

    bench.stage.connect(tombstones(*written), nowhere)


def scroll(seq: int, received: int, **more: str) -> Record:
    """A payload of one event, accepted at `received`."""
    return replace(payload([incremental(3, 100 + seq, id=BODY, x=0, y=0)], seq=seq, **more), received=received)


def test_a_tombstone_reads_back_and_names_no_user() -> None:
    """What is written is what is read, and a user is a hash under the project and the key."""
    (subject,) = KEYS.subjects("demo", "anna@example.com")
    written = Tombstone("demo", Kind.OPT_OUT, subject, AT)
    assert Tombstone.read(written.key, written.value) == written
    assert b"anna" not in written.key.encode() + written.value
    assert KEYS.subjects("other", "anna@example.com") != [subject]
    assert UserKeys(["j" * 16]).subjects("demo", "anna@example.com") != [subject]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (f"demo:opt_out:{SESSION}", b"{"),
        (f"demo:opt_out:{SESSION}", b'{"kind":"opt_out","subject":"x","at":1}'),
        (f"demo:opt_out:{SESSION}", b'{"kind":"opt_out","subject":"' + SESSION.encode() + b'","at":"1"}'),
        ("demo:erase:", b'{"kind":"erase","subject":"","at":1}'),
        (f":erase:{SESSION}", b'{"kind":"erase","subject":"' + SESSION.encode() + b'","at":1}'),
    ],
)
def test_a_tombstone_that_cannot_be_read_is_an_error(key: str, value: bytes) -> None:
    """Passing it over would record somebody who must not be recorded."""
    with pytest.raises(ControlError):
        tombstones().apply(key, value)


def test_other_kinds_are_left_alone_and_an_empty_record_withdraws() -> None:
    """A newer version's kinds stop nobody; Kafka's own way to delete a record works."""
    read = tombstones(Tombstone("demo", Kind.ERASE, SESSION, AT))
    read.apply(f"demo:pin:{SESSION}", b"anything")
    assert read.applies("demo", SESSION, "", AT) is Kind.ERASE
    read.apply(f"demo:erase:{SESSION}", None)
    assert read.applies("demo", SESSION, "", AT) is None
    assert read.of("demo") == []


def test_a_user_hashed_with_a_key_we_lack_is_noticed() -> None:
    """Key ids tell that users were named that cannot be recognised here; a retired key still recognises its own."""
    old, new = "o" * 16, "n" * 16
    (subject,) = UserKeys([old]).subjects("demo", "anna")
    written = Tombstone("demo", Kind.OPT_OUT, subject, AT)
    assert tombstones(written).unreadable == UserKeys([old]).ids
    rotated = Tombstones(UserKeys([new, old]))
    rotated.apply(written.key, written.value)
    assert not rotated.unreadable
    assert rotated.applies("demo", SESSION, "anna", AT + IN_FORCE_MS) is Kind.OPT_OUT


def test_an_opt_out_holds_from_five_seconds_after_it() -> None:
    """The payload accepted a millisecond earlier passes; from then on none does, whatever is accepted when."""
    bench = recorded()
    bench.put(payload([meta(), snapshot()]))
    connect(bench, Tombstone("demo", Kind.OPT_OUT, SESSION, AT))
    (kept,) = bench.put(scroll(1, AT + IN_FORCE_MS - 1))
    assert isinstance(kept, Keep)
    (lost,) = bench.put(scroll(2, AT + IN_FORCE_MS))
    assert isinstance(lost, Drop)
    assert (lost.reason, lost.payloads, lost.events) == (Reason.OPTED_OUT, 1, 1)
    bench.put(scroll(3, AT))
    assert bench.lost == {Reason.OPTED_OUT: 2}


def test_the_decision_outlives_the_tombstone() -> None:
    """A session that was ended stays ended after a restart, and nothing of its page is left in state."""
    bench = recorded()
    bench.put(payload([meta(), snapshot(), meta()]))
    connect(bench, Tombstone("demo", Kind.OPT_OUT, SESSION, AT))
    outcomes = bench.put(scroll(1, AT + IN_FORCE_MS))
    assert [(each.events, each.payloads) for each in outcomes if isinstance(each, Drop)] == [(1, 0), (1, 1)]
    assert list(bench.state.values) == ["privacy:session"]
    bench.restart()
    bench.put(scroll(2, AT + IN_FORCE_MS))
    assert bench.lost == {Reason.OPTED_OUT: 3}
    bench.wake()
    assert bench.state.values == {}


def test_an_erasure_also_stops_what_was_accepted_before_it() -> None:
    """What is read after an erasure would come back behind the deletion."""
    bench = recorded()
    connect(bench, Tombstone("demo", Kind.ERASE, SESSION, AT))
    bench.put(replace(payload([meta(), snapshot()]), received=AT - 60_000))
    assert bench.lost == {Reason.ERASED: 2}


def test_a_user_is_recognised_in_every_later_payload() -> None:
    """A payload names the user; the next ones of the session need not, and other users' sessions go on."""
    (subject,) = KEYS.subjects("demo", "anna")
    bench, other = recorded(), recorded()
    for each in (bench, other):
        connect(each, Tombstone("demo", Kind.OPT_OUT, subject, AT))
    bench.put(payload([meta(), snapshot()], user='"anna"'))
    bench.put(scroll(1, AT + IN_FORCE_MS))
    assert bench.lost == {Reason.OPTED_OUT: 1}
    other.put(payload([meta(), snapshot()], user='"bert"'))
    other.put(scroll(1, AT + IN_FORCE_MS))
    assert other.lost == {}


def test_a_user_with_characters_utf_8_lacks() -> None:
    """A lone surrogate in a name neither stops the stage nor hides the user."""
    name = "a\ud800"
    (subject,) = KEYS.subjects("demo", name)
    bench = recorded()
    connect(bench, Tombstone("demo", Kind.ERASE, subject, AT))
    bench.put(payload([meta(), snapshot()], user='"a\\ud800"'))
    assert bench.lost == {Reason.ERASED: 2}


def test_tombstones_of_another_project_do_nothing() -> None:
    """The same session id in another project is another session."""
    bench = recorded()
    connect(bench, Tombstone("other", Kind.ERASE, SESSION, AT))
    bench.put(payload([meta(), snapshot()]))
    assert bench.lost == {}


@pytest.mark.parametrize(
    ("consent", "header", "ends"),
    [
        (Consent(gpc="drop"), h.GPC, True),
        (Consent(gpc="drop"), h.DNT, False),
        (Consent(dnt="drop"), h.DNT, True),
        (Consent(), h.GPC, True),
        (Consent(), h.DNT, False),
        (Consent(gpc="ignore"), h.GPC, False),
    ],
)
def test_signals_of_the_browser_count_where_the_policy_says_so(consent: Consent, header: str, ends: bool) -> None:
    """A signal ends the session from the payload that carries it, also where later ones do not."""
    bench = recorded(consent)
    name = header.removeprefix("rs-")
    bench.put(scroll(0, STARTED, **{name: "1"}), payload([meta(), snapshot()], seq=1))
    assert bench.lost == ({Reason.OPTED_OUT: 3} if ends else {Reason.NO_SNAPSHOT: 1})


def test_a_signal_that_says_no_is_no_signal() -> None:
    """Only "1" is a refusal."""
    bench = recorded(Consent(gpc="drop", dnt="drop"))
    bench.put(payload([meta(), snapshot()], gpc="0", dnt="0"))
    assert bench.lost == {}


def test_a_session_begun_anew_is_still_refused_and_remembered_longer() -> None:
    """Once enrich has begun another session under the same id, what was decided holds until 26 h after that one."""
    bench = Bench(STRICT)
    bench.put(payload([meta(), snapshot()], gpc="1"))
    later = STARTED + 30 * 3_600_000
    bench.put(payload([meta(), snapshot()], 1, started=str(later)))
    assert (bench.kept, bench.lost) == ([], {Reason.OPTED_OUT: 4})
    assert bench.state.wake == later + FORGET_AFTER_MS


def test_a_session_begun_anew_keeps_its_mirror() -> None:
    """A page load that goes on under a session begun anew needs no new snapshot."""
    bench = Bench()
    bench.put(payload([meta(), snapshot()]))
    later = str(STARTED + 30 * 3_600_000)
    bench.put(payload([incremental(3, id=BODY, x=0, y=0)], 1, started=later))
    assert (len(bench.kept), bench.lost) == (3, {})
    bench.wake()
    assert bench.state.values == {}
