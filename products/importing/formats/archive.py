"""Several files in one: a ZIP archive or a folder. Names are only compared, never used as a path to write to."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from products.importing.problems import SourceProblem
from products.importing.table import MAX_BYTES

MAX_FILES = 2_000
_DAMAGE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError)


def unpack(content: bytes) -> dict[str, bytes]:
    """Return the files of a ZIP by their path in it. Together they may be as large as one file may be.

    Raises SourceProblem (unsupported_file, too_large). A name that leads out of the archive is refused.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_BYTES:
                raise _too_large()
            # A part is read to its declared size at most; one that is longer fails its checksum.
            return {_safe(entry.filename): archive.read(entry) for entry in entries if _is_of_interest(entry.filename)}
    except _DAMAGE:
        message = _("This ZIP archive is damaged or locked with a password.")
        raise SourceProblem("unsupported_file", message) from None


def pack_folder(folder: Path) -> bytes:
    """Return the files below a folder as a ZIP, links left out. Raises SourceProblem too_large."""
    stream = io.BytesIO()
    total = count = 0
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not path.is_file() or not _is_of_interest(path.name):
                continue
            total, count = total + path.stat().st_size, count + 1
            if total > MAX_BYTES or count > MAX_FILES:
                raise _too_large()
            archive.write(path, path.relative_to(folder).as_posix())
    return stream.getvalue()


def _too_large() -> SourceProblem:
    message = _("The files together are more than %(files)d or larger than %(limit)d MB.")
    return SourceProblem("too_large", message % {"files": MAX_FILES, "limit": MAX_BYTES >> 20})


def _is_of_interest(name: str) -> bool:
    """Leave out what systems hide in archives (.DS_Store, __MACOSX)."""
    return not any(
        part.startswith((".", "__MACOSX")) and part not in {".", ".."} for part in PurePosixPath(name).parts
    )


def _safe(name: str) -> str:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name:
        message = _("The archive holds a file whose name leads out of it: %(name)s.") % {"name": name[:100]}
        raise SourceProblem("unsupported_file", message)
    return str(path)
