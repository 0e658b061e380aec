"""A real HTTP server that plays the neighbours, with the documented answers and with ways to fail. No authority: it is
for demonstrations and tests, and listens on this machine alone.

``POST /_fail {"path", "mode", "times", "share"}`` makes the next calls of a path (or prefix) fail, or a share of them;
``GET /_received`` lists what came in, ``DELETE /_received`` forgets it all. Modes: 500, 503, 429, 400, slow, reset,
malformed, large, redirect, "lost": it does what was asked and the answer gets lost on the way, and "duplicate": the
call arrives twice.
"""

from __future__ import annotations

import json
import random
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from integrations.simulators.answers import ANSWERS

MODES = ("400", "429", "500", "503", "slow", "reset", "malformed", "large", "redirect", "lost", "duplicate")
SLOW_SECONDS = 3.0
KEPT = 20_000  # requests remembered


class Simulator:
    """The neighbours on one port, in a thread of this process. A context manager."""

    def __init__(self, port: int = 0, *, slow_seconds: float = SLOW_SECONDS) -> None:
        self.received: list[dict[str, Any]] = []
        self.slow_seconds = slow_seconds
        self._said: dict[tuple[str, str], tuple[int, Any]] = {}
        self._failing: list[dict[str, Any]] = []
        self._answered: dict[str, tuple[int, dict[str, Any]]] = {}
        self._dice = random.Random(7)  # noqa: S311 - decides which calls fail
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.simulator = self

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Simulator:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def start(self) -> None:
        """Serve in a thread of its own, until ``__exit__`` or the end of the process."""
        threading.Thread(target=self._server.serve_forever, name="simulators", daemon=True).start()

    def serve_for_ever(self) -> None:
        """Serve in this thread."""
        self._server.serve_forever()

    def fail(self, path: str, mode: str, times: int = 1, *, share: float = 1.0) -> None:
        """Make the next ``times`` calls of the path fail (``times`` below 0: all), or only a ``share`` of them, by dice
        that fall the same every time. Raises ValueError for an unknown mode.
        """
        if mode not in MODES:
            raise ValueError(f"mode is one of {', '.join(MODES)}")
        with self._lock:
            self._failing.append({"path": path, "mode": mode, "times": times, "share": share})

    def say(self, method: str, path: str, status: int, body: Any) -> None:
        """Answer a route in another way than documented, until ``forget``."""
        with self._lock:
            self._said[method, path] = (status, body)

    def forget(self) -> None:
        """As if just started."""
        with self._lock:
            self.received.clear()
            self._failing.clear()
            self._said.clear()
            self._dice.seed(7)
            self._answered.clear()

    def done(self, path: str = "") -> list[dict[str, Any]]:
        """Return what was carried out (not merely received), each once, in order."""
        with self._lock:
            return [entry for entry in self.received if entry["done"] and entry["path"].startswith(path)]

    def take(self, method: str, path: str, headers: dict[str, str], payload: Any) -> tuple[str, int, Any]:
        """Return (mode, status, answer) for one request and remember it. What was answered before by the same
        Idempotency-Key is answered again without doing it a second time.
        """
        with self._lock:
            mode = self._mode_of(path)
            entry = {
                "method": method,
                "path": path,
                "headers": headers,
                "payload": payload,
                "mode": mode,
                "done": False,
            }
            self.received.append(entry)
            del self.received[:-KEPT]
            if mode not in ("", "slow", "lost", "duplicate"):
                return mode, 0, {}
            key = headers.get("Idempotency-Key", "")
            if key and key in self._answered:
                return mode, *self._answered[key]
            if (method, path) in self._said:
                return mode, *self._said[method, path]
            answer = ANSWERS.get((method, path))
            if answer is None:
                return mode, 404, {"error": f"Nothing is simulated at {method} {path}"}
            status, body = answer(payload if isinstance(payload, dict) else {})
            entry["done"] = True
            if key:
                self._answered[key] = (status, body)
            return mode, status, body

    def _mode_of(self, path: str) -> str:
        for entry in self._failing:
            if entry["times"] != 0 and path.startswith(entry["path"]) and self._dice.random() < entry["share"]:
                entry["times"] -= 1
                return str(entry["mode"])
        return ""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    simulator: Simulator


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else the body waits 40 ms for the receipt of the head

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_PUT(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: Any) -> None:
        """Stay quiet: what came in is told at /_received."""

    def _handle(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            payload = json.loads(content) if content else None
        except ValueError:
            self._answer(400, {"error": "no JSON"})
            return
        path = self.path.partition("?")[0]
        if path.startswith("/_"):
            self._control(path, payload)
            return
        mode, status, body = self.server.simulator.take(self.command, path, dict(self.headers.items()), payload)
        if mode == "duplicate":  # as if something on the way had sent it a second time
            self.server.simulator.take(self.command, path, dict(self.headers.items()), payload)
        self._play(mode, status, body)

    def _control(self, path: str, payload: Any) -> None:
        simulator = self.server.simulator
        if path == "/_received" and self.command == "GET":
            self._answer(200, {"received": list(simulator.received)})
        elif path == "/_received" and self.command == "DELETE":
            simulator.forget()
            self._answer(200, {})
        elif path == "/_fail" and self.command == "POST":
            try:
                simulator.fail(
                    str(payload["path"]),
                    str(payload["mode"]),
                    int(payload.get("times", 1)),
                    share=float(payload.get("share", 1)),
                )
            except (KeyError, TypeError, ValueError) as error:
                self._answer(400, {"error": str(error)})
                return
            self._answer(200, {})
        else:
            self._answer(404, {"error": "unknown control"})

    def _play(self, mode: str, status: int, body: Any) -> None:
        if mode.isdigit():
            self._answer(int(mode), {"error": f"simulated {mode}"})
        elif mode in ("reset", "lost"):
            # A reset instead of a close: the other side sees the connection break.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
        elif mode == "malformed":
            self._send(201, b"<html>not what you expect</html>")
        elif mode == "large":
            self._send(201, b'{"filler": "' + b"x" * 2_000_000 + b'"}')
        elif mode == "redirect":
            self._send(307, b"", {"Location": "http://127.0.0.1:9/elsewhere"})
        else:
            if mode == "slow":
                time.sleep(self.server.simulator.slow_seconds)
            self._answer(status, body)

    def _answer(self, status: int, body: Any) -> None:
        self._send(status, json.dumps(body).encode())

    def _send(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
