"""The one Django app of the project."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class IndicatorsConfig(AppConfig):
    """Lays the database triggers after every migration."""

    name = "indicators"
    verbose_name = "UrbanAPI"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .models.triggers import lay_triggers

        post_migrate.connect(lay_triggers, sender=self)
