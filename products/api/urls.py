"""Routes of products under /api/v1/plm/."""

from __future__ import annotations

from typing import Any

from plm_project.api.router import PlmRouter, either_slash
from products.api.alternate_views import AlternateViewSet
from products.api.baseline_views import BaselineViewSet
from products.api.configuration_views import ConfigurationViewSet
from products.api.document_file_views import DocumentVersionViewSet
from products.api.document_views import DocumentLinkViewSet, DocumentRevisionViewSet, DocumentViewSet
from products.api.import_view import BomImportView
from products.api.option_views import (
    OptionChoiceViewSet,
    OptionFamilyViewSet,
    OptionRuleViewSet,
    ProductOptionViewSet,
)
from products.api.policy_views import ProductPolicyViewSet
from products.api.revision_views import LineViewSet, RevisionViewSet
from products.api.rollup_all_view import RollupAllView
from products.api.sourcing_views import (
    ExchangeRateViewSet,
    ManufacturerPartViewSet,
    ManufacturerViewSet,
    OfferViewSet,
    SingleSourceView,
    SourceViewSet,
    SupplierViewSet,
)
from products.api.substitute_views import SubstituteViewSet
from products.api.views import ProductViewSet

router = PlmRouter()
router.register("products", ProductViewSet, basename="api-product")
router.register("revisions", RevisionViewSet, basename="api-revision")
router.register("lines", LineViewSet, basename="api-line")
router.register("alternates", AlternateViewSet, basename="api-alternate")
router.register("option-families", OptionFamilyViewSet, basename="api-option-family")
router.register("option-choices", OptionChoiceViewSet, basename="api-option-choice")
router.register("product-options", ProductOptionViewSet, basename="api-product-option")
router.register("option-rules", OptionRuleViewSet, basename="api-option-rule")
router.register("configurations", ConfigurationViewSet, basename="api-configuration")
router.register("substitutes", SubstituteViewSet, basename="api-substitute")
router.register("documents/versions", DocumentVersionViewSet, basename="api-document-version")
router.register("documents/revisions", DocumentRevisionViewSet, basename="api-document-revision")
router.register("documents/links", DocumentLinkViewSet, basename="api-document-link")
router.register("documents", DocumentViewSet, basename="api-document")
router.register("baselines", BaselineViewSet, basename="api-baseline")
router.register("manufacturers", ManufacturerViewSet, basename="api-manufacturer")
router.register("manufacturer-parts", ManufacturerPartViewSet, basename="api-manufacturer-part")
router.register("suppliers", SupplierViewSet, basename="api-supplier")
router.register("sources", SourceViewSet, basename="api-source")
router.register("offers", OfferViewSet, basename="api-offer")
router.register("exchange-rates", ExchangeRateViewSet, basename="api-exchange-rate")

LINE_METHODS: Any = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    either_slash(
        "product-policy/",
        ProductPolicyViewSet.as_view({"get": "retrieve", "patch": "partial_update"}, detail=True),
        name="api-product-policy",
    ),
    either_slash("products/import/", BomImportView.as_view(), name="api-product-import"),
    either_slash("products/rollup-all/", RollupAllView.as_view(), name="api-product-rollup-all"),
    either_slash("reports/single-source/", SingleSourceView.as_view(), name="api-single-source"),
    *router.urls,
    either_slash(
        "revisions/<uuid:revision_pk>/lines/<uuid:pk>/",
        LineViewSet.as_view(LINE_METHODS, detail=True),
        name="api-revision-line-detail",
    ),
]
