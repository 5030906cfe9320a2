"""The map of all doors."""

from django.urls import include, path

from indicators.http import health

urlpatterns = [
    path("api/v1", include("indicators.api.urls")),
    path("livez", health.live, name="livez"),
    path("readyz", health.ready, name="readyz"),
]
