"""The map of all doors."""

from django.urls import include, path
from django.views.generic import RedirectView

from indicators.admin.site import desk
from indicators.api.service import Index
from indicators.http import health
from indicators.http.negotiation import page_or_json
from indicators.portal.home import Home

handler404 = "indicators.portal.pages.not_found"
handler500 = "indicators.portal.pages.broken"

urlpatterns = [
    path("", page_or_json(Home.as_view(), Index.as_view()), name="home"),
    path("", include("indicators.portal.urls")),
    path("", include("indicators.downloads.urls")),
    path("api/v1", include("indicators.api.urls")),
    path("admin/", desk.urls),
    path("admin", RedirectView.as_view(pattern_name="admin:index")),
    path("livez", health.live, name="livez"),
    path("readyz", health.ready, name="readyz"),
]
