"""The map of all doors."""
urlpatterns: list = []
