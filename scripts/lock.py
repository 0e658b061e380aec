"""Compile the lock files from pyproject.toml: every hash, no download addresses, one file for every Python."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "var" / "lock-tools"
FORM = [
    *("--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-emit-index-url"),
    *("--no-config", "--quiet", "--upgrade"),
    "--prerelease=if-necessary-or-explicit",  # python-sat's versions are all called dev; pyproject.toml names one
]


def main() -> int:
    """Write requirements/*.lock and return the exit status."""
    if not (TOOLS / "bin" / "uv").exists():
        venv.create(TOOLS, with_pip=True, clear=True)
        subprocess.run([TOOLS / "bin" / "python", "-m", "pip", "install", "--quiet", "uv"], check=True)
    compile_lock("runtime.lock", "pyproject.toml", "--extra", "ops")
    extras = [word for name in ("ops", "dev", "cad", "s3") for word in ("--extra", name)]
    compile_lock("dev.lock", "pyproject.toml", *extras, "-c", "requirements/runtime.lock")
    compile_lock("node.lock", "requirements/node.in")
    print("requirements/*.lock are written; run `make test` before you commit them.")
    return 0


def compile_lock(name: str, *source: str) -> None:
    """Compile one lock file."""
    command = [str(TOOLS / "bin" / "uv"), "pip", "compile", *source, *FORM, "-o", f"requirements/{name}"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "UV_NO_CONFIG": "1"}, check=True)


if __name__ == "__main__":
    sys.exit(main())
