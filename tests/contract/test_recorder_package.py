"""The recorder as an npm package."""

from __future__ import annotations

from pathlib import Path

from tests.contract.recorder_package import ROOT, bundle, install, run


def test_package_can_be_installed_typed_imported_and_bundled(tmp_path: Path) -> None:
    """Types hold in a strict project, a server may import it, and a bundler finds all of it."""
    install(tmp_path)
    run(tmp_path, str(ROOT / "node_modules/.bin/tsc"), "-p", ".")
    said = run(
        tmp_path,
        "node",
        "--input-type=module",
        "--eval",
        """import { load } from "@reelstream/recorder";
        load().catch(({ message }) => console.log(message));""",
    )
    assert said == "a page is recorded in a browser\n"
    assert "/v1/replay/" in bundle(tmp_path, "demo", "https://gateway.example")
