"""Several people at once, each on a connection of their own. For tests marked ``postgres`` with real transactions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from plm_project.core.exceptions import PlmError
from plm_project.tenancy.models import Tenant
from plm_project.tenancy.scope import tenant_scope


def at_once(
    tenant: Tenant, works: Sequence[Callable[[], Any]], *, also: tuple[type[Exception], ...] = ()
) -> list[Any]:
    """Run each work on a connection of its own, all starting together; return the answers or refusals in order.

    ``also`` are exceptions beside our own that count as an answer; any other is the test's failure.
    """
    start = threading.Barrier(len(works))
    answers: list[Any] = [None] * len(works)
    faults: list[BaseException] = []

    def run(index: int) -> None:
        try:
            start.wait(timeout=10)
            with tenant_scope(tenant.pk):
                answers[index] = works[index]()
        except (PlmError, *also) as refusal:
            answers[index] = refusal
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "they wait for each other"
    if faults:
        raise faults[0]
    return answers


def refusals(answers: Sequence[Any]) -> list[PlmError]:
    return [answer for answer in answers if isinstance(answer, PlmError)]
