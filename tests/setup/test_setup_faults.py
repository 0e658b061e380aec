"""What goes wrong before anything runs ends in one sentence, without a traceback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BOOTSTRAP = ROOT / "scripts" / "bootstrap.py"

sys.path.append(str(ROOT / "scripts"))
import bootstrap  # noqa: E402
from faults import explain  # noqa: E402

pytestmark = pytest.mark.once
PIP = ["/x/.venv/bin/python", "-m", "pip", "install", "-r", "requirements/dev.lock"]
NPM = ["/usr/bin/npm", "ci", "--ignore-scripts"]
LOG = Path("var/setup.log")


def _run(port: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(BOOTSTRAP), "run"], env={**os.environ, "PORT": port}, capture_output=True, text=True
    )


def test_busy_port_is_named_before_any_work_is_done():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = _run(str(port))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"Port {port} on 127.0.0.1 is used by another program")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1"])
def test_port_that_is_none_is_refused(port: str):
    done = _run(port)
    assert done.returncode == 1
    assert done.stderr == (
        f"PORT={port} is not a port number: choose one from 1 to 65535, e.g. `make run PORT=8001`.\n"
    )


def test_old_python_hears_what_was_found_and_what_is_needed(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))
    assert bootstrap.main() == 1
    words = capsys.readouterr().err
    assert "Python 3.11 or newer is needed" in words
    assert "is Python 3.9" in words
    assert words.count("\n") == 1


def test_first_file_is_readable_by_an_old_python():
    source = BOOTSTRAP.read_text()
    compile(source, str(BOOTSTRAP), "exec", dont_inherit=True)
    assert "from __future__" not in source
    assert ' f"' not in source and "->" not in source and ":=" not in source


@pytest.mark.parametrize(
    ("command", "words", "sentence"),
    [
        (
            PIP,
            "WARNING: Retrying ... NewConnectionError('...: Failed to establish a new connection')\n"
            "ERROR: Could not find a version that satisfies the requirement django==5.2.19",
            "No network: pip cannot reach its package index",
        ),
        (NPM, "npm error errno EAI_AGAIN\nnpm error request failed", "No network: npm cannot reach its registry"),
        (
            PIP,
            "n.c:1:10: fatal error: ffi.h: No such file or directory\nERROR: Failed building wheel for cffi",
            "The Python package cffi has to be compiled here and the header file ffi.h is missing: install the "
            "package that brings it (on Debian and Ubuntu: apt-get install libffi-dev)",
        ),
        (
            PIP,
            "error: command 'gcc' failed: No such file or directory\nERROR: Failed building wheel for cffi",
            "The Python package cffi has to be compiled here and gcc is missing",
        ),
        (
            ["/usr/bin/python3", "-m", "venv", ".venv"],
            "The virtual environment was not created successfully because ensurepip is not\navailable.",
            "cannot make virtual environments because its venv module is missing",
        ),
        (PIP, "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "does not match the lock"),
        (PIP, "ERROR: [Errno 28] No space left on device", "The disk is full"),
        (PIP, "something\nERROR: of a new kind\n", "failed: ERROR: of a new kind (all of it: var/setup.log)."),
    ],
)
def test_failed_step_becomes_one_sentence(command: list[str], words: str, sentence: str):
    answer = explain(command, words, LOG)
    assert sentence in answer
    assert "\n" not in answer
