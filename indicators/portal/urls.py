"""The addresses of the pages for people; `/` itself is shared with the API, by Accept."""

from django.urls import path

from .documents import DocumentPage
from .feed import ReleaseFeed
from .pages import favicon
from .release_page import ReleasePage
from .releases import ReleasesPage
from .target_page import TargetPage

urlpatterns = [
    path("favicon.ico", favicon, name="favicon"),
    path("docs", DocumentPage.as_view(), {"name": "README"}, name="documents"),
    path("docs/<str:name>", DocumentPage.as_view(), name="document"),
    path("releases", ReleasesPage.as_view(), name="releases"),
    path("releases.atom", ReleaseFeed.as_view(), name="feed"),
    path("releases/<str:name>", ReleasePage.as_view(), name="release"),
    path("targets/<str:code>", TargetPage.as_view(), name="target"),
]
