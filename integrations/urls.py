"""Pages of integrations, below /integrations/."""

from __future__ import annotations

from django.urls import path

from integrations.views import board, callbacks, deliveries, suggestions, webhooks

app_name = "integrations"
urlpatterns = [
    path("", board.BoardView.as_view(), name="board"),
    path("deliveries/", deliveries.DeliveryListView.as_view(), name="deliveries"),
    path("deliveries/again/", deliveries.DeliveriesAgainView.as_view(), name="deliveries-again"),
    path("deliveries/export/", deliveries.DeliveryExportView.as_view(), name="deliveries-export"),
    path("deliveries/<uuid:pk>/", deliveries.DeliveryView.as_view(), name="delivery"),
    path("deliveries/<uuid:pk>/again/", deliveries.DeliveryAgainView.as_view(), name="delivery-again"),
    path("deliveries/<uuid:pk>/assign/", deliveries.DeliveryAssignView.as_view(), name="delivery-assign"),
    path("deliveries/<uuid:pk>/discard/", deliveries.DeliveryDiscardView.as_view(), name="delivery-discard"),
    path("suggestions/", suggestions.SuggestionListView.as_view(), name="suggestions"),
    path("suggestions/of/<uuid:pk>/", suggestions.ProductSuggestionsView.as_view(), name="product-suggestions"),
    path("suggestions/of/<uuid:pk>/ask/", suggestions.SuggestionAskView.as_view(), name="suggestion-ask"),
    path("suggestions/<uuid:pk>/judge/", suggestions.SuggestionJudgeView.as_view(), name="suggestion-judge"),
    path("webhooks/", webhooks.WebhookListView.as_view(), name="webhooks"),
    path("webhooks/new/", webhooks.WebhookCreateView.as_view(), name="webhook-new"),
    path("webhooks/<uuid:pk>/", webhooks.WebhookView.as_view(), name="webhook"),
    path("webhooks/<uuid:pk>/ping/", webhooks.WebhookPingView.as_view(), name="webhook-ping"),
    path("webhooks/<uuid:pk>/secret/", webhooks.WebhookSecretView.as_view(), name="webhook-secret"),
    path("webhooks/<uuid:pk>/remove/", webhooks.WebhookRemoveView.as_view(), name="webhook-remove"),
    path("callbacks/<slug:tenant>/<slug:key>/", callbacks.CallbackView.as_view(), name="callback"),
    path("neighbours/<slug:key>/secret/", board.CallbackSecretView.as_view(), name="callback-secret"),
    path("neighbours/<slug:key>/", board.TargetView.as_view(), name="target"),
    path("neighbours/<slug:key>/try/", board.TargetTryView.as_view(), name="target-try"),
    path("neighbours/<slug:key>/catch-up/", board.TargetCatchUpView.as_view(), name="target-catch-up"),
    path("neighbours/<slug:key>/remove/", board.TargetRemoveView.as_view(), name="target-remove"),
]
