from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "plm_project.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from plm_project.accounts import permissions

        permissions.register(permissions.GROUND)
