"""Who may call what: one row per method and route of the API.

``Row(method, route, permission, with_permission)``: an empty body sent with the permission answers ``with_permission``
(400 where something must be said, 409 where the record's state forbids the step, 415 where a file is wanted, 403 where
only a named approver may go on), and without it 403 with the permission's name. The tests
in tests/architecture/test_permissions.py hold the table against the views and against real calls, by session and token.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One call."""

    method: str
    route: str
    permission: str
    with_permission: int


# Routes that answer without a permission: name → reason.
EXEMPT = {
    "api-schema": "says what the API is, nothing of any tenant",
    "api-docs": "says what the API is, nothing of any tenant",
}
PAGES_WITHOUT_PERMISSION = {
    "healthz": "for load balancers",
    "readyz": "for load balancers",
    "metrics": "asks for METRICS_TOKEN or a local address",
    "accounts:login": "the way in",
    "accounts:logout": "the way out",
    "accounts:password-reset": "whoever cannot sign in; answers every address alike (tests/accounts)",
    "accounts:password-sent": "whoever cannot sign in; says the same to everybody",
    "accounts:password-set": "for whoever holds the mailed link (tests/accounts)",
    "accounts:password-changed": "whoever cannot sign in; says the same to everybody",
    "web:theme": "sets a cookie of the browser",
    "web:language": "sets a cookie of the browser",
    "accounts:tenant-switch": "leads to one's own tenants alone (tests/accounts)",
}

ROWS: list[Row] = [
    Row("GET", "api-change-affected", "plm.changes.read", 200),
    Row("POST", "api-change-affected", "plm.changes.update", 400),
    Row("GET", "api-change-affected-detail", "plm.changes.read", 200),
    Row("DELETE", "api-change-affected-detail", "plm.changes.update", 204),
    Row("GET", "api-change-approvals", "plm.changes.read", 200),
    Row("POST", "api-change-approve", "plm.changes.approve", 403),
    Row("POST", "api-change-cancel", "plm.changes.cancel", 400),
    Row("POST", "api-change-close", "plm.changes.close", 409),
    Row("GET", "api-change-detail", "plm.changes.read", 200),
    Row("PATCH", "api-change-detail", "plm.changes.update", 200),
    Row("DELETE", "api-change-detail", "plm.changes.update", 204),
    Row("GET", "api-change-difference", "plm.changes.read", 200),
    Row("GET", "api-change-history", "plm.changes.read", 200),
    Row("GET", "api-change-impact", "plm.changes.read", 200),
    Row("POST", "api-change-implement", "plm.changes.implement", 409),
    Row("POST", "api-change-list", "plm.changes.create", 400),
    Row("GET", "api-change-list", "plm.changes.read", 200),
    Row("GET", "api-change-redline-detail", "plm.changes.read", 200),
    Row("PATCH", "api-change-redline-detail", "plm.changes.update", 200),
    Row("DELETE", "api-change-redline-detail", "plm.changes.update", 204),
    Row("GET", "api-change-redlines", "plm.changes.read", 200),
    Row("POST", "api-change-redlines", "plm.changes.update", 400),
    Row("POST", "api-change-reject", "plm.changes.approve", 400),
    Row("POST", "api-change-reopen", "plm.changes.submit", 409),
    Row("POST", "api-change-submit", "plm.changes.submit", 400),
    Row("GET", "api-change-transitions", "plm.changes.read", 200),
    Row("POST", "api-change-withdraw", "plm.changes.submit", 409),
    Row("GET", "api-document-list", "plm.documents.read", 200),
    Row("POST", "api-document-list", "plm.documents.create", 400),
    Row("GET", "api-document-detail", "plm.documents.read", 200),
    Row("PATCH", "api-document-detail", "plm.documents.update", 200),
    Row("DELETE", "api-document-detail", "plm.documents.delete", 204),
    Row("POST", "api-document-check-out", "plm.documents.update", 200),
    Row("POST", "api-document-check-in", "plm.documents.update", 415),
    Row("POST", "api-document-undo-check-out", "plm.documents.update", 409),
    Row("POST", "api-document-break-check-out", "plm.documents.manage", 400),
    Row("GET", "api-document-revisions", "plm.documents.read", 200),
    Row("POST", "api-document-revisions", "plm.documents.update", 409),
    Row("GET", "api-document-versions", "plm.documents.read", 200),
    Row("GET", "api-document-links", "plm.documents.read", 200),
    Row("POST", "api-document-links", "plm.documents.update", 400),
    Row("DELETE", "api-document-link-detail", "plm.documents.update", 204),
    Row("GET", "api-document-revision-detail", "plm.documents.read", 200),
    Row("GET", "api-document-revision-transitions", "plm.documents.read", 200),
    Row("POST", "api-document-revision-transitions", "plm.documents.read", 400),
    Row("GET", "api-document-version-detail", "plm.documents.read", 200),
    Row("GET", "api-document-version-download", "plm.documents.read", 200),
    Row("GET", "api-document-version-model", "plm.documents.read", 200),
    Row("GET", "api-document-version-thumbnail", "plm.documents.read", 200),
    Row("POST", "api-document-version-prepare", "plm.documents.update", 409),
    Row("DELETE", "api-line-detail", "plm.bom.update", 204),
    Row("PATCH", "api-line-detail", "plm.bom.update", 200),
    Row("GET", "api-line-detail", "plm.products.read", 200),
    Row("GET", "api-product-check-cycle", "plm.products.read", 400),
    Row("GET", "api-product-compare", "plm.products.read", 400),
    Row("DELETE", "api-product-detail", "plm.products.delete", 204),
    Row("GET", "api-product-detail", "plm.products.read", 200),
    Row("PATCH", "api-product-detail", "plm.products.update", 200),
    Row("GET", "api-product-explosion", "plm.products.read", 200),
    Row("GET", "api-product-history", "plm.products.read", 200),
    Row("POST", "api-product-import", "plm.products.import", 415),
    Row("POST", "api-product-list", "plm.products.create", 400),
    Row("GET", "api-product-list", "plm.products.read", 200),
    Row("GET", "api-product-revisions", "plm.products.read", 200),
    Row("POST", "api-product-revisions", "plm.revisions.create", 409),
    Row("GET", "api-product-rollup", "plm.products.read", 200),
    Row("GET", "api-product-transitions", "plm.products.read", 200),
    Row("POST", "api-product-transitions", "plm.products.read", 400),
    Row("GET", "api-product-where-used", "plm.products.read", 200),
    Row("GET", "api-revision-detail", "plm.products.read", 200),
    Row("PATCH", "api-revision-detail", "plm.revisions.create", 200),
    Row("PATCH", "api-revision-line-detail", "plm.bom.update", 200),
    Row("DELETE", "api-revision-line-detail", "plm.bom.update", 204),
    Row("GET", "api-revision-line-detail", "plm.products.read", 200),
    Row("POST", "api-revision-lines", "plm.bom.update", 400),
    Row("GET", "api-revision-lines", "plm.products.read", 200),
    Row("POST", "api-revision-transitions", "plm.products.read", 400),
    Row("GET", "api-revision-transitions", "plm.products.read", 200),
]
