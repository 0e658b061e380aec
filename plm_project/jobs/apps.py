from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "plm_project.jobs"
    label = "jobs"
    verbose_name = "Jobs"

    def ready(self) -> None:
        from plm_project.accounts import permissions as registry
        from plm_project.jobs import permissions
        from plm_project.jobs.topbar_entry import RUNNING
        from plm_project.web.topbar import register_topbar_item

        registry.register(permissions.PERMISSIONS)
        register_topbar_item(RUNNING)
