"""The two state machines of this context, as the trade reads them.

Product:   concept → design → prototype → development → testing → production → active → mature → declining
           → discontinued → obsolete; early phases may go back a step, what is not built here may skip to production.
Revision:  in_work ⇄ in_review → released → superseded → obsolete.

How guards, reasons and permissions work together: plm_project/tenancy/states.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django_fsm import transition

from plm_project.tenancy.states import Guard, asks_reason, condition, has_reason, permitted
from products import permissions
from products.choices import LifecyclePhase as Phase
from products.choices import ProductType, RevisionState

if TYPE_CHECKING:
    from products.models import Product

NOT_BUILT_HERE = frozenset({ProductType.PURCHASED, ProductType.RAW_MATERIAL, ProductType.VIRTUAL, ProductType.SERVICE})


# --- guards ----------------------------------------------------------------------------------------------------------
def has_released_revision(product: Product) -> str:
    """Nothing goes into production from a drawing that may still change."""
    if product.revisions.filter(state=RevisionState.RELEASED).exists():
        return ""
    return _("No revision is released yet.")


def went_through_testing(product: Product) -> str:
    """Only what is bought or immaterial may skip the development phases."""
    if product.lifecycle_phase in (Phase.DEVELOPMENT, Phase.TESTING) or product.product_type in NOT_BUILT_HERE:
        return ""
    return _("Only purchased, raw material, virtual and service products go straight to production.")


@asks_reason
def may_be_retired(product: Product) -> str:
    """What is still used somewhere needs a replacement, or a reason, before it goes."""
    if product.replaced_by_id or product.transition_reason.strip() or not product.is_used():
        return ""
    return _("It is still used in other products: name its replacement or give a reason.")


# --- products --------------------------------------------------------------------------------------------------------
def _phase(
    source: list[Phase], target: Phase, permission: str, *guards: Guard
) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    return transition(  # type: ignore[no-any-return]
        field="lifecycle_phase",
        source=source,
        target=target,
        permission=permitted(permission),
        conditions=[condition(guard) for guard in guards],
    )


class ProductLifecycle:
    """Transitions of a product. The bodies are empty: services record reason, history and event around them."""

    transition_reason: str = ""

    @_phase([Phase.DESIGN], Phase.CONCEPT, permissions.PRODUCTS_TRANSITION, has_reason)
    def to_concept(self) -> None:
        """Go back to the drawing board."""

    @_phase([Phase.CONCEPT, Phase.PROTOTYPE], Phase.DESIGN, permissions.PRODUCTS_TRANSITION)
    def to_design(self) -> None:
        """Start or resume the design."""

    @_phase([Phase.DESIGN, Phase.DEVELOPMENT], Phase.PROTOTYPE, permissions.PRODUCTS_TRANSITION)
    def to_prototype(self) -> None:
        """Build first samples."""

    @_phase([Phase.DESIGN, Phase.PROTOTYPE, Phase.TESTING], Phase.DEVELOPMENT, permissions.PRODUCTS_TRANSITION)
    def to_development(self) -> None:
        """Develop for series."""

    @_phase([Phase.DEVELOPMENT], Phase.TESTING, permissions.PRODUCTS_TRANSITION)
    def to_testing(self) -> None:
        """Test for series."""

    @_phase(
        [Phase.CONCEPT, Phase.DESIGN, Phase.DEVELOPMENT, Phase.TESTING],
        Phase.PRODUCTION,
        permissions.PRODUCTS_RELEASE,
        has_released_revision,
        went_through_testing,
    )
    def to_production(self) -> None:
        """Start of production."""

    @_phase([Phase.PRODUCTION, Phase.MATURE], Phase.ACTIVE, permissions.PRODUCTS_RELEASE, has_released_revision)
    def to_active(self) -> None:
        """On the market."""

    @_phase([Phase.ACTIVE, Phase.DECLINING], Phase.MATURE, permissions.PRODUCTS_RELEASE)
    def to_mature(self) -> None:
        """Established; changes for cost and quality only."""

    @_phase([Phase.ACTIVE, Phase.MATURE], Phase.DECLINING, permissions.PRODUCTS_RELEASE)
    def to_declining(self) -> None:
        """Running out."""

    @_phase(
        [Phase.PRODUCTION, Phase.ACTIVE, Phase.MATURE, Phase.DECLINING],
        Phase.DISCONTINUED,
        permissions.PRODUCTS_RETIRE,
        may_be_retired,
    )
    def to_discontinued(self) -> None:
        """No longer made or sold; still serviced."""

    @_phase(
        [phase for phase in Phase if phase != Phase.OBSOLETE],
        Phase.OBSOLETE,
        permissions.PRODUCTS_RETIRE,
        may_be_retired,
    )
    def to_obsolete(self) -> None:
        """No longer to be used for anything."""


# --- revisions -------------------------------------------------------------------------------------------------------
def _state(
    source: list[RevisionState], target: RevisionState, permission: str, *guards: Guard
) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    return transition(  # type: ignore[no-any-return]
        field="state",
        source=source,
        target=target,
        permission=permitted(permission),
        conditions=[condition(guard) for guard in guards],
    )


class RevisionLifecycle:
    """Transitions of a revision."""

    transition_reason: str = ""

    @_state([RevisionState.IN_WORK], RevisionState.IN_REVIEW, permissions.REVISIONS_REVIEW)
    def to_in_review(self) -> None:
        """Hand over for review: the lines rest until it comes back or is released."""

    @_state([RevisionState.IN_REVIEW], RevisionState.IN_WORK, permissions.REVISIONS_REVIEW, has_reason)
    def to_in_work(self) -> None:
        """Return for rework."""

    @_state([RevisionState.IN_WORK, RevisionState.IN_REVIEW], RevisionState.RELEASED, permissions.REVISIONS_RELEASE)
    def to_released(self) -> None:
        """Freeze it for ever."""

    @_state([RevisionState.RELEASED], RevisionState.SUPERSEDED, permissions.REVISIONS_RELEASE)
    def to_superseded(self) -> None:
        """A newer revision is released."""

    @_state(
        [RevisionState.IN_WORK, RevisionState.RELEASED, RevisionState.SUPERSEDED],
        RevisionState.OBSOLETE,
        permissions.REVISIONS_RELEASE,
        has_reason,
    )
    def to_obsolete(self) -> None:
        """Not to be used again."""
