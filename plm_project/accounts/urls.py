"""Sign-in, sign-out, passwords, tenant switch."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from plm_project.accounts import views

app_name = "accounts"
urlpatterns = [
    path("login/", views.SignInView.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("password/", views.PasswordResetPage.as_view(), name="password-reset"),
    path("password/sent/", views.PasswordSentPage.as_view(), name="password-sent"),
    path("password/set/<uidb64>/<token>/", views.PasswordSetPage.as_view(), name="password-set"),
    path("password/changed/", views.PasswordChangedPage.as_view(), name="password-changed"),
    path("tenant/", views.TenantSwitchView.as_view(), name="tenant-switch"),
]
