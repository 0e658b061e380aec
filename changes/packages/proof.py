"""The proof of a release package, and its check without server, database or anything but Python:

    python changes/packages/proof.py PACKAGE.zip [--root HEX] [--json]

Exit 0: whole. 1: not as it was made, each fault on a line of its own with what it is about. 2: the file cannot be read.

A package is a ZIP (PKWARE APPNOTE 6.3) of stored, not compressed entries: ``manifest.json`` first, then the others by
name. The manifest lists each with size and SHA-256, and the Merkle root over them, hashed as RFC 6962, section 2.1 does
it: a leaf is SHA-256 of 00, the name in UTF-8, 00 and the entry's SHA-256; a node is SHA-256 of 01 and its two children;
the left side of n leaves takes the largest power of two below n. Everything else in the file (dates, flags, directory)
follows from the entries, so the check builds the ZIP again and compares it byte by byte: there is no byte that may differ.

A package that somebody made up anew is whole in itself. Compare its root (``--root``) with the one that the change page,
the API and the published event say.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import IO

FORMAT = "plm-release-package/1"
MANIFEST = "manifest.json"
SIGNATURES = "signatures.json"
SIGNED = "signed/{hash}.json"
CHUNK = 1 << 16
LARGEST_TEXT = 256 * 1024 * 1024  # of what is read whole: manifest and signatures
_HASH = re.compile(r"[0-9a-f]{64}")
_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP can say


@dataclass(frozen=True)
class Listed:
    """One entry as the manifest lists it."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Fault:
    """What is not as it was made: the entry, or ``archive`` or ``root``; and how."""

    where: str
    message: str


@dataclass(frozen=True)
class Check:
    """What a check found; ``root`` is the one computed of the entries that are there."""

    root: str
    entries: int
    faults: tuple[Fault, ...]


class Unreadable(Exception):
    """The file cannot be opened at all."""


def merkle_root(entries: Iterable[Listed]) -> str:
    """Return the root over entries in the order of their names, in hexadecimal; of none, the hash of nothing."""
    leaves = [
        hashlib.sha256(b"\x00" + entry.name.encode() + b"\x00" + bytes.fromhex(entry.sha256)).digest()
        for entry in sorted(entries, key=lambda entry: entry.name)
    ]
    return _tree(leaves).hex()


def manifest_text(change_number: str, entries: Sequence[Listed]) -> str:
    """Return the manifest of a package."""
    listed = [asdict(entry) for entry in sorted(entries, key=lambda entry: entry.name)]
    manifest = {
        "format": FORMAT,
        "change_number": change_number,
        "merkle_root": merkle_root(entries),
        "entries": listed,
    }
    return json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def archive_write(target: IO[bytes], contents: Iterable[tuple[str, int, Iterable[bytes]]]) -> None:
    """Write entries (name, size, pieces), in their order, as the one ZIP that they make."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, size, pieces in contents:
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            info.file_size = size
            with archive.open(info, "w") as entry:
                for piece in pieces:
                    entry.write(piece)


def package_verify(path: str, *, root: str = "") -> Check:
    """Check a package; with ``root`` also that it is the one that was made. Raises Unreadable."""
    try:
        file = open(path, "rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from error
    with file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
            return Check("", 0, (Fault("archive", f"is no whole ZIP: {error}"),))
        with archive:
            return _Verifier(file, archive).check(root)


class _Verifier:
    def __init__(self, file: IO[bytes], archive: zipfile.ZipFile) -> None:
        self.file = file
        self.archive = archive
        self.infos = archive.infolist()
        self.faults: list[Fault] = []
        self.said_root = ""

    def check(self, root: str) -> Check:
        listed = self._listed()
        found = self._entries(listed)
        computed = merkle_root(found) if found else ""
        if listed is not None:
            if self.said_root != computed:
                self._fault("root", f"the manifest says {self.said_root}, its entries make {computed}")
            self._signatures({entry.name: entry for entry in listed})
            if not self.faults:
                self._every_byte(listed)
        if root and root.lower() != computed:
            self._fault("root", f"this package has {computed}, not {root}")
        return Check(computed, len(found), tuple(self.faults))

    def _fault(self, where: str, message: str) -> None:
        self.faults.append(Fault(where, message))

    def _listed(self) -> list[Listed] | None:
        try:
            manifest = json.loads(self._text(MANIFEST))
            self.said_root = str(manifest["merkle_root"])
            listed = [Listed(str(row["name"]), int(row["size"]), str(row["sha256"])) for row in manifest["entries"]]
            if manifest["format"] != FORMAT or any(not _HASH.fullmatch(entry.sha256) for entry in listed):
                raise ValueError("it is of another format")
            if manifest_text(str(manifest["change_number"]), listed) != self._text(MANIFEST):
                raise ValueError("it is not written as a manifest is")
        except (ValueError, KeyError, TypeError, *_BROKEN) as error:
            self._fault(MANIFEST, f"cannot be read: {error!r}")
            return None
        return listed

    def _entries(self, listed: list[Listed] | None) -> list[Listed]:
        """Return the entries as they are, and note what differs from the list."""
        known = {entry.name: entry for entry in listed or ()}
        found: dict[str, Listed] = {}
        for info in self.infos:
            name = info.filename
            if name in found or (name == MANIFEST and self.infos[0] is not info):
                self._fault(name, "is there twice, or not in its place")
            elif name != MANIFEST:
                found[name] = self._measured(info)
                if listed is not None and name not in known:
                    self._fault(name, "was added: the manifest does not list it")
        for name, entry in known.items():
            if name not in found:
                self._fault(name, "is missing")
            elif found[name] != entry and found[name].sha256:
                self._fault(name, f"was changed: its SHA-256 is {found[name].sha256}, made was {entry.sha256}")
        return [entry for entry in found.values() if entry.sha256]

    def _measured(self, info: zipfile.ZipInfo) -> Listed:
        digest, size = hashlib.sha256(), 0
        try:
            for piece in self._pieces(info):
                digest.update(piece)
                size += len(piece)
        except _BROKEN as error:
            self._fault(info.filename, f"was changed: {error}")
            return Listed(info.filename, 0, "")
        return Listed(info.filename, size, digest.hexdigest())

    def _pieces(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        if info.compress_type != zipfile.ZIP_STORED:
            raise zipfile.BadZipFile("it is compressed, and no entry of a package is")
        with self.archive.open(info) as entry:
            while piece := entry.read(CHUNK):
                yield piece

    def _text(self, name: str) -> str:
        info = self.archive.getinfo(name)
        if info.file_size > LARGEST_TEXT:
            raise ValueError("it is too large")
        return b"".join(self._pieces(info)).decode()

    def _signatures(self, listed: dict[str, Listed]) -> None:
        """Each vote stands for a content that is in the package under its hash, word for word."""
        try:
            votes = json.loads(self._text(SIGNATURES))
            wanted = [(vote["signed_name"], str(vote["content_hash"])) for vote in votes if vote["content_hash"]]
        except (ValueError, KeyError, TypeError, *_BROKEN) as error:
            self._fault(SIGNATURES, f"cannot be read: {error!r}")
            return
        for who, content_hash in wanted:
            entry = listed.get(SIGNED.format(hash=content_hash))
            if entry is None or entry.sha256 != content_hash:
                self._fault(SIGNATURES, f"what {who} signed ({content_hash}) is not in the package as it was signed")

    def _every_byte(self, listed: list[Listed]) -> None:
        by_name = {info.filename: info for info in self.infos}
        names = [MANIFEST, *(entry.name for entry in sorted(listed, key=lambda entry: entry.name))]
        contents = ((name, by_name[name].file_size, self._pieces(by_name[name])) for name in names)
        with tempfile.TemporaryFile() as made:
            archive_write(made, contents)
            made.seek(0)
            self.file.seek(0)
            at = _first_difference(self.file, made)
        if at is not None:
            self._fault(self._entry_at(at), f"its place in the archive differs from what was made, at byte {at}")

    def _entry_at(self, at: int) -> str:
        before = [info for info in self.infos if info.header_offset <= at < self.archive.start_dir]
        return max(before, key=lambda info: info.header_offset).filename if before else "archive"


# What zipfile, its codecs and json raise for bytes that are no whole entry; a deep nest of brackets ends as RuntimeError.
_BROKEN = (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, KeyError, UnicodeError)


def _tree(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    middle = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + _tree(leaves[:middle]) + _tree(leaves[middle:])).digest()


def _first_difference(one: IO[bytes], other: IO[bytes]) -> int | None:
    at = 0
    while True:
        left, right = one.read(CHUNK), other.read(CHUNK)
        if left != right:
            pairs = enumerate(zip(left, right, strict=False))
            return at + next((place for place, (a, b) in pairs if a != b), min(len(left), len(right)))
        if not left:
            return None
        at += len(left)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check one package and say what was found."""
    parser = argparse.ArgumentParser(description="Check a release package without server or database.")
    parser.add_argument("package")
    parser.add_argument("--root", default="", help="the Merkle root that it must have")
    parser.add_argument("--json", action="store_true", help="answer one JSON document")
    options = parser.parse_args(arguments)
    try:
        check = package_verify(options.package, root=options.root)
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps({"package": options.package, "whole": not check.faults, **asdict(check)}, ensure_ascii=False))
    elif check.faults:
        for fault in check.faults:
            print(f"{fault.where}: {fault.message}")
    else:
        print(f"Whole: {check.entries} entries, Merkle root {check.root}")
    return 1 if check.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
