"""Migrate, load the demo once, and serve pages, API and sockets on this machine. Called by `make run`."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
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
    print(f"\nPLM is at http://{HOST}:{port}/ - stop it with Ctrl+C.\n", flush=True)
    # One process, small files: whitenoise reading them whole under ASGI is no matter here.
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    uvicorn.run(
        application, host=HOST, port=port, lifespan="off", ws_max_size=WS_MAX_SIZE, log_config=None, access_log=False
    )
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
