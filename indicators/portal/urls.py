"""The addresses of the pages for people; `/` itself is shared with the API, by Accept."""

from django.urls import path

from .documents import DocumentPage
from .pages import favicon
from .target_page import TargetPage

urlpatterns = [
    path("favicon.ico", favicon, name="favicon"),
    path("docs", DocumentPage.as_view(), {"name": "README"}, name="documents"),
    path("docs/<str:name>", DocumentPage.as_view(), name="document"),
    path("targets/<str:code>", TargetPage.as_view(), name="target"),
]
