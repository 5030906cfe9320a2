"""The map of all doors."""

from django.urls import include, path
from django.views.generic import RedirectView

from indicators.admin.site import desk
from indicators.http import health

urlpatterns = [
    path("api/v1", include("indicators.api.urls")),
    path("admin/", desk.urls),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("livez", health.live, name="livez"),
    path("readyz", health.ready, name="readyz"),
]
