"""The WSGI entry point; `granian --interface wsgi urbanapi.wsgi:application` serves it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "urbanapi.settings")

application = get_wsgi_application()
