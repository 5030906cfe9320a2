"""The addresses of files."""

from django.urls import path

from .views import DatasetFile, ReleaseFileView

urlpatterns = [
    path("releases/<str:release>/<path:below>", ReleaseFileView.as_view(), name="release-file"),
    path("datasets/<str:dataset>/data.<str:kind>", DatasetFile.as_view(), name="dataset-file"),
]
