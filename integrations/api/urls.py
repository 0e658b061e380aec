"""Routes of integrations under /api/v1/plm/."""

from __future__ import annotations

from integrations.api import suggestion_views, views, webhook_views
from plm_project.api.router import PlmRouter, either_slash

router = PlmRouter()
router.register("integrations/deliveries", views.DeliveryViewSet, basename="api-delivery")
router.register("integrations/suggestions", suggestion_views.SuggestionViewSet, basename="api-suggestion")
router.register("integrations/webhooks", webhook_views.WebhookViewSet, basename="api-webhook")

BASE = "integrations/"
urlpatterns = [
    either_slash(BASE + "neighbours/", views.NeighbourListView.as_view(), name="api-neighbours"),
    either_slash(BASE + "neighbours/<slug:key>/", views.NeighbourView.as_view(), name="api-neighbour"),
    either_slash(BASE + "neighbours/<slug:key>/try/", views.NeighbourTryView.as_view(), name="api-neighbour-try"),
    either_slash(
        BASE + "neighbours/<slug:key>/catch-up/", views.NeighbourCatchUpView.as_view(), name="api-neighbour-catch-up"
    ),
    either_slash(
        BASE + "neighbours/<slug:key>/callback-secret/", views.CallbackSecretView.as_view(), name="api-callback-secret"
    ),
    either_slash(BASE + "as-built/", views.AsBuiltView.as_view(), name="api-as-built"),
    either_slash("capability/", views.CapabilityView.as_view(), name="api-capability"),
    either_slash(BASE + "health/", views.HealthView.as_view(), name="api-integrations-health"),
    either_slash(BASE + "contracts/", views.ContractListView.as_view(), name="api-contracts"),
    either_slash(BASE + "contracts/<slug:key>/", views.ContractView.as_view(), name="api-contract"),
    either_slash(BASE + "contracts/<slug:key>/dry-run/", views.DryRunView.as_view(), name="api-contract-dry-run"),
    *router.urls,
]
