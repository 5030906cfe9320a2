"""/livez: the process answers. /readyz: it can serve data (database, migrations, a release in force)."""

import logging

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ..query.edition import current_edition
from .errors import RETRY_AFTER_SECONDS

logger = logging.getLogger(__name__)


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """200 while the process runs."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when requests for data can be answered, else 503 with the check that failed."""
    checks = {"database": "ok", "migrations": "ok", "release": "ok"}
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            checks["migrations"] = "not all are applied: run manage.py migrate"
        elif current_edition().release is None:
            checks["release"] = "none is in force: run manage.py load fixtures/"
    except DatabaseError:
        logger.exception("The database does not answer")
        checks = {"database": "does not answer", "migrations": "unknown", "release": "unknown"}
    good = all(state == "ok" for state in checks.values())
    response = JsonResponse({"status": "ok" if good else "unavailable", "checks": checks}, status=200 if good else 503)
    if not good:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
