"""The addresses of /api/v1; none has a trailing slash."""

from typing import Any

from django.urls import URLPattern, path

from . import data, description, progress, service, views
from .reference import ReferenceViewSet

LIST: dict[str, Any] = {"get": "list"}
ROW: dict[str, Any] = {"get": "retrieve"}


def resource(name: str, viewset: type[ReferenceViewSet]) -> list[URLPattern]:
    """A list, and one row by its code."""
    variable = viewset.lookup_url_kwarg
    return [
        path(f"/{name}", viewset.as_view(LIST), name=name),
        path(f"/{name}/<str:{variable}>", viewset.as_view(ROW), name=f"{name}-detail"),
    ]


urlpatterns = [
    path("", service.Index.as_view(), name="index"),
    path("/observations", data.Observations.as_view(), name="observations"),
    path("/series", data.Series.as_view(), name="series"),
    path("/vintages", data.VintageList.as_view(), name="vintages"),
    path("/changes", data.ChangeList.as_view(), name="changes"),
    *resource("datasets", views.Datasets),
    *resource("indicators", views.Indicators),
    *resource("regions", views.Regions),
    path("/regions/<str:code>/events", views.EventsOfRegion.as_view(LIST), name="events-of-region"),
    path("/region-events", views.RegionEvents.as_view(LIST), name="region-events"),
    *resource("plans", views.Plans),
    *resource("actions", views.Actions),
    *resource("measures", views.Measures),
    *resource("targets", views.Targets),
    path("/targets/<str:code>/progress", progress.ProgressOfOneTarget.as_view(), name="progress-of-target"),
    path("/progress", progress.ProgressList.as_view(), name="progress"),
    path("/progress-methods", progress.ProgressMethods.as_view(), name="progress-methods"),
    *resource("releases", views.Releases),
    path("/exports", views.Exports.as_view(LIST), name="exports"),
    *resource("sources", views.Sources),
    *resource("units", views.Units),
    path("/meta", service.Meta.as_view(), name="meta"),
    path("/openapi.json", description.OpenApiJson.as_view(), name="openapi-json"),
    path("/openapi.yaml", description.OpenApiYaml.as_view(), name="openapi-yaml"),
    path("/docs", description.Console.as_view(), name="docs"),
    path("/problems", service.Problems.as_view(), name="problems"),
    path("/problems/<str:code>", service.ProblemDetail.as_view(), name="problem"),
]
