"""The real server, as a process of its own: pages, API and sockets on the test's database. It can be killed and
started again on the same port, which is what happens to clients when a machine restarts."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

from scripts.serve import WS_MAX_SIZE
from tests.processes import ROOT, environment

STARTS_WITHIN = 60.0  # seconds


class LiveServer:
    """uvicorn in a process. ``kill`` is SIGKILL: nothing is tidied up."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Start it; nothing happens when it runs. It touches no database before somebody asks it."""
        if self._process is not None:
            return
        command = [sys.executable, "-m", "uvicorn", "plm_project.asgi:application", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--lifespan", "off", "--ws-max-size", str(WS_MAX_SIZE)]
        self._process = subprocess.Popen([*command, "--log-level", "warning"], env=environment(), cwd=ROOT)

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.begin()
        end = time.monotonic() + STARTS_WITHIN
        while not self._answers():
            assert self._process is not None and self._process.poll() is None, (
                "the server did not start; its reasons stand above"
            )
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.1)

    def kill(self) -> None:
        """End the process at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False
