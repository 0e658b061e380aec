"""What a failed set-up step means, in one sentence for the person at the keyboard. Standard library only."""

from __future__ import annotations

import re
import sys
from pathlib import Path

NETWORK = re.compile(
    r"NewConnectionError|Failed to establish a new connection|Temporary failure in name resolution|NameResolutionError"
    r"|ConnectTimeoutError|ReadTimeoutError|Read timed out|ProxyError|ProtocolError|SSLError|CERTIFICATE_VERIFY_FAILED"
    r"|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT"
    r"|UNABLE_TO_(?:GET|VERIFY)|SELF_SIGNED_CERT|\b50[234] (?:Bad Gateway|Service|Gateway)"
)
HEADER = re.compile(r"fatal error: '?([\w./+-]+\.h(?:pp)?)'?[: ]")
NO_COMPILER = re.compile(
    r"command '(?P<a>[\w.+/-]+)' failed: No such file|unable to execute '(?P<b>[\w.+/-]+)'"
    r"|Unknown compiler\(s\)|can't find Rust compiler|(?P<c>cargo), the Rust package manager, is not installed"
)
NOT_BUILT = re.compile(
    r"Failed (?:building wheel for|to build installable wheels for[^(]*\()\s*([\w.-]+)|Failed to build ([\w.-]+)"
)

# The Debian package that brings a header file; other systems name theirs alike.
HEADER_PACKAGES = {
    "Python.h": "python{version}-dev",
    "ffi.h": "libffi-dev",
    "openssl/opensslv.h": "libssl-dev",
    "openssl/ssl.h": "libssl-dev",
    "libpq-fe.h": "libpq-dev",
    "pg_config.h": "libpq-dev",
    "yaml.h": "libyaml-dev",
    "zlib.h": "zlib1g-dev",
    "sqlite3.h": "libsqlite3-dev",
    "stdlib.h": "libc6-dev",
}


class SetupFault(Exception):
    """A set-up step that cannot go on; its text is the sentence to print."""


def explain(command: list[str], words: str, log: Path) -> str:
    """Return the sentence for a command that failed with these words.

    The order matters: pip also says "could not find a version" when it simply reached no index.
    """
    if "venv" in command and ("ensurepip" in words or "No module named venv" in words):
        return (
            f"{sys.executable} cannot make virtual environments because its venv module is missing: install it "
            f"(on Debian and Ubuntu: apt-get install python{python_version()}-venv) and run the same command again."
        )
    if "No space left on device" in words:
        return "The disk is full: free about 1 GB and run the same command again."
    return _missing_header(words, log) or _no_network(command, words, log) or _anything_else(command, words, log)


def python_version() -> str:
    """Return the running Python's version as the names of packages carry it."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def _missing_header(words: str, log: Path) -> str:
    header, compiler = HEADER.search(words), NO_COMPILER.search(words)
    built = NOT_BUILT.search(words)
    package = next((name for name in built.groups() if name), "") if built else ""
    whose = f"The Python package {package}" if package else "A Python package"
    if header:
        name = header.group(1)
        debian = HEADER_PACKAGES.get(name, "").format(version=python_version())
        hint = f" (on Debian and Ubuntu: apt-get install {debian})" if debian else f" (details: {log})"
        return (
            f"{whose} has to be compiled here and the header file {name} is missing: install the package that brings "
            f"it{hint} and run the same command again."
        )
    if compiler:
        tool = next((name for name in compiler.groups() if name), "a compiler")
        debian = "cargo" if "ust" in compiler.group(0) else "build-essential"
        return (
            f"{whose} has to be compiled here and {tool} is missing: install it (on Debian and Ubuntu: apt-get "
            f"install {debian}) and run the same command again."
        )
    return ""


def _no_network(command: list[str], words: str, log: Path) -> str:
    if not NETWORK.search(words):
        return ""
    tool, registry = ("pip", "its package index") if "pip" in command else ("npm", "its registry")
    return (
        f"No network: {tool} cannot reach {registry}; check the connection, the proxy or the mirror ({log} has the "
        "details) and run the same command again: it goes on where it stopped."
    )


def _anything_else(command: list[str], words: str, log: Path) -> str:
    if "DO NOT MATCH THE HASHES" in words or "EINTEGRITY" in words:
        return f"A downloaded package does not match the lock file and was refused: see {log} before you trust it."
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"error", line, re.IGNORECASE)] or lines or ["no output"]
    return f"`{Path(command[0]).name} {' '.join(command[1:4])}` failed: {errors[-1][:200]} (all of it: {log})."
