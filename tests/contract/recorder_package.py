"""The recorder's package as a site would install it, and a site's own script that uses it, bundled."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SITE = """
import { load, type Reelstream, type StartOptions } from "@reelstream/recorder";

const options: StartOptions = { key: KEY, endpoint: ENDPOINT };
declare const KEY: string;
declare const ENDPOINT: string;
void load().then((reelstream: Reelstream) => reelstream.start(options));
"""
_STRICT = """{
  "compilerOptions": {
    "target": "ES2022", "module": "ESNext", "moduleResolution": "Bundler", "lib": ["ES2022", "DOM"], "types": [],
    "strict": true, "noEmit": true, "skipLibCheck": true
  },
  "files": ["site.ts"]
}"""


def install(folder: Path) -> None:
    """Pack it and install it in `folder`, without a registry; beside it the sources of a site."""
    run(ROOT, "npm", "run", "--silent", "package")
    packed = run(ROOT / "recorder/dist/package", "npm", "pack", "--silent", "--pack-destination", str(folder)).strip()
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    run(folder, "npm", "install", "--silent", "--offline", "--no-audit", f"./{packed}")
    (folder / "site.ts").write_text(_SITE)
    (folder / "tsconfig.json").write_text(_STRICT)


def bundle(folder: Path, key: str, endpoint: str) -> str:
    """The site's script with all it needs."""
    defines = [f'--define:KEY="{key}"', f'--define:ENDPOINT="{endpoint}"']
    esbuild = str(ROOT / "node_modules/.bin/esbuild")
    return run(folder, esbuild, "site.ts", "--bundle", "--format=esm", "--log-level=error", *defines)


def run(folder: Path, *command: str) -> str:
    """What it prints; AssertionError with all it said when it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
