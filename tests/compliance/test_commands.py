"""The two commands: what they answer, what they repair, what they refuse."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from compliance.models import ComplianceRecord
from plm_project.core import clock
from plm_project.tenancy.models import Tenant
from tests.compliance.conftest import Lamp, assess, attach, record_of

pytestmark = pytest.mark.django_db


def ask(name: str, *args: str, as_json: bool = True) -> Any:
    out = StringIO()
    call_command(name, *args, "--tenant", "acme", *(["--json"] if as_json else []), stdout=out)
    return json.loads(out.getvalue()) if as_json else out.getvalue()


def test_evaluate(tenant: Tenant, lamp: Lamp, rohs: Any) -> None:
    assess(lamp.bulb, rohs, "non_compliant", reason="lead")
    assess(lamp.housing, rohs, "compliant", valid_until=clock.today())
    ComplianceRecord.all_objects.filter(revision__product=lamp.product).delete()  # a gap
    answer = ask("compliance_evaluate", "LAMP")
    assert (answer["product_number"], answer["revision"], answer["started"]) == ("LAMP", "A", 1)
    (row,) = answer["regulations"]
    assert (row["status"], row["path"]) == ("non_compliant", ["LAMP", "LAMP-HOUSING", "LAMP-BULB"])
    assert row["counts"] == {"not_assessed": 1, "compliant": 1, "non_compliant": 1}
    later = (clock.today() + dt.timedelta(days=1)).isoformat()
    again = ask("compliance_evaluate", "LAMP-HOUSING", "--as-of", later, "--regulation", "rohs")
    assert again["regulations"][0]["own_status"] == "expired" and again["started"] == 0
    with clock.fixed(clock.now() + dt.timedelta(days=1)):
        counted = ask("compliance_evaluate")
    assert counted["expired"] == 1
    assert counted["regulations"][0]["counts"] == {"not_assessed": 1, "expired": 1, "non_compliant": 1}
    assert "LAMP → LAMP-HOUSING → LAMP-BULB" in ask("compliance_evaluate", "LAMP", as_json=False)
    for wrong in (["NOBODY"], ["LAMP", "--as-of", "tomorrow"], ["--as-of", later], ["--regulation", "NONE"]):
        with pytest.raises(CommandError) as refused:
            ask("compliance_evaluate", *wrong)
        assert refused.value.returncode == 2


def test_expiring(tenant: Tenant, lamp: Lamp, rohs: Any) -> None:
    record, today = record_of(lamp.bulb, rohs), clock.today()
    for days in (-1, 5, 40):
        attach(record, title=f"in {days} days", valid_until=today + dt.timedelta(days=days))
    assert [row["days_left"] for row in ask("certificates_expiring")["certificates"]] == [5]
    assert [row["days_left"] for row in ask("certificates_expiring", "--days", "60", "--ended")["certificates"]] == [
        -1,
        5,
        40,
    ]
    assert "LAMP-BULB A RoHS: in 5 days" in ask("certificates_expiring", as_json=False)
    assert "Nothing runs out" in ask("certificates_expiring", "--days", "1", as_json=False)
    with pytest.raises(CommandError):
        ask("certificates_expiring", "--days", "-1")
