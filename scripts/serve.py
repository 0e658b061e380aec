"""Migrate, load the demo once, and serve pages, API and sockets on this machine. Called by `make run`."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
SIMULATORS = 900  # the simulated neighbours listen this far above the server's port
WS_MAX_SIZE = 64 * 1024  # bytes: what the process takes of one socket frame; the consumers refuse earlier


def main() -> int:
    """Serve until interrupted and return the exit status."""
    sys.path[0] = str(ROOT)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plm_project.settings.local")
    import uvicorn
    from django.core.management import call_command
    from django.db import OperationalError

    from plm_project import local_schedule
    from plm_project.asgi import application

    try:
        print("Database and demo data ...", flush=True)
        call_command("migrate", interactive=False, verbosity=0)
        call_command("demo_load", if_missing=True)
    except OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        print(f"The database cannot be used: {reason}; check DATABASE_URL.", file=sys.stderr)
        return 1
    local_schedule.start()
    port = int(os.environ.get("PORT") or "8000")
    _simulate_neighbours(port + SIMULATORS)
    print(f"\nPLM is at http://{HOST}:{port}/ - stop it with Ctrl+C.\n", flush=True)
    # One process, small files: whitenoise reading them whole under ASGI is no matter here.
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
    # The schedule looks for work every few seconds; only what fails is news.
    for quiet in ("uvicorn.error", "celery.app.trace"):
        logging.getLogger(quiet).setLevel(logging.WARNING)
    uvicorn.run(
        application, host=HOST, port=port, lifespan="off", ws_max_size=WS_MAX_SIZE, log_config=None, access_log=False
    )
    return 0


def _simulate_neighbours(port: int) -> None:
    """Play the neighbouring systems beside the server, and have the demo tell them what happens in it."""
    from integrations.simulators.server import Simulator
    from plm_project.demo.neighbours import neighbours_connect

    try:
        simulator = Simulator(port)
    except OSError as error:
        print(
            f"The neighbouring systems are not simulated: port {port} cannot be used ({error.strerror}).",
            file=sys.stderr,
        )
        return
    simulator.start()
    neighbours_connect(simulator.url)
    print(f"The neighbouring systems are simulated at {simulator.url}.", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
