"""What may be done with products, revisions and documents, and by which roles."""

from __future__ import annotations

from plm_project.accounts.permissions import Declaration
from plm_project.accounts.roles import EVERYONE, MANAGERS, Role

PRODUCTS_READ = "plm.products.read"
PRODUCTS_CREATE = "plm.products.create"
PRODUCTS_UPDATE = "plm.products.update"
PRODUCTS_DELETE = "plm.products.delete"
PRODUCTS_IMPORT = "plm.products.import"
PRODUCTS_TRANSITION = "plm.products.transition"
PRODUCTS_RELEASE = "plm.products.release"
PRODUCTS_RETIRE = "plm.products.retire"
# What the tenant decides about its products, such as how revisions are called.
PRODUCTS_CONFIGURE = "plm.products.configure"
REVISIONS_CREATE = "plm.revisions.create"
REVISIONS_REVIEW = "plm.revisions.review"
REVISIONS_RELEASE = "plm.revisions.release"
BOM_UPDATE = "plm.bom.update"
BASELINES_CREATE = "plm.baselines.create"
BASELINES_WITHDRAW = "plm.baselines.withdraw"
DOCUMENTS_READ = "plm.documents.read"
DOCUMENTS_CREATE = "plm.documents.create"
# Edit, link, check out and in, submit for review.
DOCUMENTS_UPDATE = "plm.documents.update"
DOCUMENTS_RELEASE = "plm.documents.release"
DOCUMENTS_DELETE = "plm.documents.delete"
# Break the check-out of somebody else.
DOCUMENTS_MANAGE = "plm.documents.manage"
SOURCING_READ = "plm.sourcing.read"
SOURCING_UPDATE = "plm.sourcing.update"
SOURCING_APPROVE = "plm.sourcing.approve"
SOURCING_RATES = "plm.sourcing.rates"

_DESIGNERS = frozenset({Role.ENGINEER, Role.PLM_MANAGER, Role.TENANT_ADMIN})
_WRITERS = _DESIGNERS | {Role.CHANGE_ANALYST, Role.COMPLIANCE_OFFICER}
_RELEASERS = frozenset({Role.CHANGE_ANALYST, Role.PLM_MANAGER, Role.TENANT_ADMIN})

PERMISSIONS: Declaration = {
    PRODUCTS_READ: EVERYONE,
    PRODUCTS_CREATE: _DESIGNERS | {Role.INTEGRATION},
    PRODUCTS_UPDATE: _DESIGNERS | {Role.INTEGRATION},
    PRODUCTS_DELETE: frozenset({Role.PLM_MANAGER, Role.TENANT_ADMIN}),
    PRODUCTS_IMPORT: _DESIGNERS | {Role.INTEGRATION},
    PRODUCTS_TRANSITION: _DESIGNERS,
    PRODUCTS_RELEASE: frozenset({Role.PLM_MANAGER, Role.TENANT_ADMIN}),
    PRODUCTS_RETIRE: _RELEASERS,
    PRODUCTS_CONFIGURE: MANAGERS,
    REVISIONS_CREATE: _DESIGNERS | {Role.CHANGE_ANALYST},
    REVISIONS_REVIEW: _DESIGNERS | {Role.CHANGE_ANALYST},
    REVISIONS_RELEASE: _RELEASERS,
    BASELINES_CREATE: _DESIGNERS | {Role.CHANGE_ANALYST},
    BASELINES_WITHDRAW: frozenset({Role.PLM_MANAGER, Role.TENANT_ADMIN}),
    BOM_UPDATE: _DESIGNERS | {Role.INTEGRATION, Role.CHANGE_ANALYST},
    DOCUMENTS_READ: EVERYONE,
    DOCUMENTS_CREATE: _WRITERS | {Role.INTEGRATION},
    DOCUMENTS_UPDATE: _WRITERS | {Role.INTEGRATION},
    DOCUMENTS_RELEASE: _RELEASERS,
    DOCUMENTS_DELETE: frozenset({Role.PLM_MANAGER, Role.TENANT_ADMIN}),
    DOCUMENTS_MANAGE: frozenset({Role.PLM_MANAGER, Role.TENANT_ADMIN}),
    SOURCING_READ: EVERYONE,
    # Who proposes a source or enters a price; the verdict on a source is somebody else's.
    SOURCING_UPDATE: _DESIGNERS | {Role.INTEGRATION},
    SOURCING_APPROVE: frozenset({Role.PLM_MANAGER, Role.TENANT_ADMIN, Role.QUALITY_APPROVER}),
    SOURCING_RATES: frozenset({Role.PLM_MANAGER, Role.TENANT_ADMIN, Role.FINANCIAL_APPROVER, Role.INTEGRATION}),
}
