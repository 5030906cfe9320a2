"""The one Django app of the project."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class IndicatorsConfig(AppConfig):
    """Lays the database triggers and the roles of the desk after every migration."""

    name = "indicators"
    verbose_name = "UrbanAPI"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .admin.roles import lay_roles
        from .models.triggers import lay_triggers

        post_migrate.connect(lay_triggers, sender=self)
        post_migrate.connect(lay_roles, sender=self)
