"""Sign-in, sign-out, tenant switch."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from plm_project.accounts import views

app_name = "accounts"
urlpatterns = [
    path("login/", views.SignInView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("tenant/", views.TenantSwitchView.as_view(), name="tenant-switch"),
]
