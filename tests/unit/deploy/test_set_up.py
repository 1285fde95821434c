"""What decides whether a set-up step is due."""

from __future__ import annotations

from deploy.local.set_up import REPOSITORY, STEPS, digest_of, locked


def test_one_package_of_a_lock_file() -> None:
    """The entry goes on over continued lines and ends with the last hash."""
    entry = "uv==2 \\\n    --hash=sha256:22 \\\n    --hash=sha256:33\n"
    assert locked("uv", f"a==1 \\\n    --hash=sha256:11\n    # via x\n{entry}uvloop==3\n") == entry


def test_every_step_has_inputs_that_exist() -> None:
    """A step whose input moved away would never be due again."""
    for step in STEPS:
        assert all(path.exists() for path in step.inputs), step.name


def test_the_digest_follows_its_inputs() -> None:
    """Another file is another digest; the same files are the same."""
    lock, pom = REPOSITORY / "requirements-dev.lock", REPOSITORY / "deploy/local/kafka/pom.xml"
    assert digest_of([pom]) == digest_of([pom]) != digest_of([lock])
