"""The vault on an S3-compatible store: a server of its own speaks the protocol over HTTP."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from django.core.files.base import ContentFile
from django.test import Client

from plm_project.core.exceptions import NotFound
from plm_project.core.file_store import file_is_whole, file_open
from products.models import DocumentVersion
from tests.factories import make_document

BUCKET = "plm"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Return the address of an empty store."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            for _attempt in range(300):
                try:
                    urllib.request.urlopen(address, timeout=1).close()
                    break
                except OSError:
                    assert running.poll() is None, "the server did not start"
                    time.sleep(0.1)
            yield address
        finally:
            running.terminate()


@pytest.fixture
def bucket(server: str, settings: Any) -> Iterator[Any]:
    """An empty bucket, which the vault keeps its files in."""
    credentials = {"aws_access_key_id": "tests", "aws_secret_access_key": "tests", "region_name": "eu-central-1"}
    made = boto3.resource("s3", endpoint_url=server, **credentials).Bucket(BUCKET)
    made.create(CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    options = {
        "bucket_name": BUCKET,
        "endpoint_url": server,
        "region_name": "eu-central-1",
        "access_key": "tests",
        "secret_key": "tests",
        "default_acl": "private",
        "max_memory_size": 2**20,
    }
    files = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "files": files}
    yield made
    made.objects.all().delete()
    made.delete()


def stored(bucket: Any) -> list[str]:
    return sorted(entry.key for entry in bucket.objects.all())


def specification(content: bytes = b"a specification", name: str = "spec.txt") -> DocumentVersion:
    document = make_document(upload=ContentFile(content, name=name))
    version: DocumentVersion = DocumentVersion.objects.get(revision__document=document)
    return version


@pytest.mark.usefixtures("scope")
def test_a_file_is_stored_once_and_comes_back(bucket: Any, make_member: Any) -> None:
    text = b"".join(b"line %d\n" % n for n in range(200_000))
    version, again = specification(text), specification(text, "the same under another name.txt")
    tenant, sha256 = version.tenant_id, version.file_sha256
    assert again.file_sha256 == sha256
    assert stored(bucket) == [f"{tenant.hex}/{sha256[:2]}/{sha256}"]
    assert bucket.Object(stored(bucket)[0]).get()["Body"].read() == text
    assert file_is_whole(tenant, sha256)
    client = Client()
    client.force_login(make_member("viewer")[0], backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(f"/api/v1/plm/documents/versions/{version.pk}/download/")
    assert answer.status_code == 200 and answer.streaming
    chunks = list(answer)
    assert b"".join(chunks) == text and len(chunks) > 1


@pytest.mark.usefixtures("scope")
def test_a_part_left_behind_is_written_anew_and_a_lost_file_is_told(bucket: Any) -> None:
    version = specification()
    [key] = stored(bucket)
    bucket.Object(key).put(Body=b"a spec")
    assert not file_is_whole(version.tenant_id, version.file_sha256)
    specification(name="once more.txt")
    assert stored(bucket) == [key] and file_is_whole(version.tenant_id, version.file_sha256)
    bucket.Object(key).delete()
    with pytest.raises(NotFound, match=version.file_sha256):
        file_open(version.tenant_id, version.file_sha256)
