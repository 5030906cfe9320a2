"""The Django project: settings, the map of all doors, and the WSGI entry point."""

__version__ = "1.0.0"
