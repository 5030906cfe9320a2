"""Text fields that sort by code point on every database engine."""

from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    _CharField = models.CharField[Any, Any]
    _TextField = models.TextField[Any, Any]
    _SmallInteger = models.PositiveSmallIntegerField[Any, Any]
else:
    _CharField, _TextField, _SmallInteger = models.CharField, models.TextField, models.PositiveSmallIntegerField


FIRST_YEAR, LAST_YEAR = 1000, 9999


class _CodePointCollation:
    """SQLite compares text byte by byte already; PostgreSQL does so only under the collation "C"."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        parameters: dict[str, Any] = super().db_parameters(connection)  # type: ignore[misc]
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


class Code(_CodePointCollation, _CharField):
    """A natural key, as the data pack and the public addresses spell it; case-sensitive."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 80)
        super().__init__(*args, **kwargs)


class Year(_SmallInteger):
    """A calendar year of four digits."""

    default_validators = [MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]


class Text(_CodePointCollation, _TextField):
    """Text for people; a missing one is null, in the store as in the answers."""
