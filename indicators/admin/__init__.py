"""The stewards' desk: Django's admin at /admin/, where reference tables are searched and edited.

Observations are not here: they change only by the publication of a release.
"""

from . import releases, tables

__all__ = ["releases", "tables"]
