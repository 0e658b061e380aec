"""What reaches the log: one JSON object a line on stderr, no secrets."""

from __future__ import annotations

import json
import logging
import logging.config
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from django.conf import settings as live
from django.test import RequestFactory

from plm_project.core.actor import Actor, acting_as
from plm_project.core.ids import uuid7
from plm_project.ops.logging import MASK, is_secret, logging_config, masked


@pytest.fixture
def lines() -> Iterator[Any]:
    """Configure JSON logging into a buffer and give back the decoded lines."""
    buffer = StringIO()
    config = logging_config(format="json", level="INFO")
    config["handlers"]["stderr"]["stream"] = buffer
    logging.config.dictConfig(config)
    yield lambda: [json.loads(line) for line in buffer.getvalue().splitlines()]
    logging.config.dictConfig(live.LOGGING)


def test_both_kinds_of_logger_write_json(lines: Any) -> None:
    structlog.get_logger("ours").info("part released", number="P-1", count=3)
    logging.getLogger("theirs").warning("disk %s is %d%% full", "sda", 93, extra={"host": "press"})
    ours, theirs = lines()
    assert (ours["event"], ours["number"], ours["count"], ours["level"]) == ("part released", "P-1", 3, "info")
    assert (theirs["event"], theirs["host"], theirs["logger"]) == ("disk sda is 93% full", "press", "theirs")
    assert ours["timestamp"].endswith("Z")


def test_the_actor_is_named(lines: Any) -> None:
    actor = Actor(kind="user", tenant_id=uuid7(), user_id=uuid7(), label="a@example.com", request_id="call-1")
    with acting_as(actor):
        logging.getLogger("theirs").info("hello")
    (line,) = lines()
    assert (line["tenant"], line["user"]) == (str(actor.tenant_id), str(actor.user_id))
    assert (line["actor"], line["request_id"]) == ("a@example.com", "call-1")


@pytest.mark.parametrize(
    "name",
    [
        "Authorization", "HTTP_AUTHORIZATION", "cookie", "Set-Cookie", "password", "new_password1", "passwd",
        "api_token", "token", "X-CSRFToken", "csrfmiddlewaretoken", "client_secret", "SECRET_KEY", "api_key",
        "apikey", "sessionid", "session_key", "credentials", "private_key", "METRICS_TOKEN",
    ],
)  # fmt: skip
def test_secret_names(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", ["product_number", "token_id", "key", "author", "session", "pass_count", "tokens"])
def test_names_that_are_no_secrets(name: str) -> None:
    assert not is_secret(name)


@pytest.mark.parametrize(
    "text",
    [
        "sent Authorization: Bearer plm_0198_hunter2hunter2",
        "url /x?token=hunter2&a=1",
        "password: 'hunter2'",
        '{"password": "hunter2"}',
        "postgres://plm:hunter2@db/plm",
        "api_key=hunter2",
    ],
)
def test_secrets_inside_text(text: str) -> None:
    assert "hunter2" not in masked(text)
    assert MASK in masked(text)


def test_ordinary_text_is_left_alone() -> None:
    text = "revision B of P-100 released at 12:30, see http://plm.example/products/"
    assert masked(text) == text


def test_nothing_secret_reaches_the_stream(lines: Any) -> None:
    log = structlog.get_logger("ours")
    log.info("call", headers={"Authorization": "Bearer hunter2", "Accept": "x"}, form=[{"password": "hunter2"}])
    logging.getLogger("theirs").info("form", extra={"cookies": {"sessionid": "hunter2"}})
    try:
        raise ValueError("password=hunter2")
    except ValueError:
        log.exception("failed")
    text = json.dumps(lines())
    assert "hunter2" not in text
    assert lines()[0]["headers"] == {"Authorization": MASK, "Accept": "x"}
    assert "ValueError" in lines()[2]["exception"]


def test_tracebacks_show_no_local_variables(lines: Any) -> None:
    try:
        pin = "hunter2"
        raise KeyError("x" + pin[:0])
    except KeyError:
        structlog.get_logger("ours").exception("failed")
    assert "hunter2" not in lines()[0]["exception"].replace('pin = "hunter2"', "")


def test_request_objects_are_left_out(lines: Any) -> None:
    request = RequestFactory().get("/x?reset=hunter2")
    logging.getLogger("django.request").error("broken", extra={"request": request, "status_code": 500})
    (line,) = lines()
    assert (line["status_code"], "request" in line) == (500, False)


@pytest.mark.parametrize("name", ["django.server", "django.channels.server", "uvicorn.access", "httpx"])
def test_lines_with_whole_addresses_are_not_written(lines: Any, name: str) -> None:
    logging.getLogger(name).info('"GET /x?token=hunter2 HTTP/1.1" 200')
    assert lines() == []


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="LOG_FORMAT"):
        logging_config(format="jsonl", level="INFO")


@pytest.mark.parametrize("style", ["json", "console"])
def test_stdout_stays_free(style: str) -> None:
    program = (
        "import logging, logging.config, structlog\n"
        "from plm_project.ops.logging import logging_config\n"
        f"logging.config.dictConfig(logging_config(format={style!r}, level='INFO'))\n"
        "structlog.get_logger('ours').info('one', password='hunter2'); logging.getLogger('theirs').info('two')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 2
    assert "hunter2" not in done.stderr
