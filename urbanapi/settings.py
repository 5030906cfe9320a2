"""Settings of one deployment: the environment decides, and the defaults are safe on a laptop.

Every variable read here is explained in `.env.example`.
"""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor

from indicators.http.rates import Rate

from . import __version__

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")  # what the shell exports wins over the file

PRODUCTION = env.bool("PRODUCTION", default=False)
if PRODUCTION:
    missing = [name for name in ("SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_BASE_URL") if not env.str(name, default="")]
    if missing:
        raise ImproperlyConfigured(
            f"PRODUCTION is true, but {', '.join(missing)} is not set. Set it in the environment or in .env; "
            ".env.example explains each variable."
        )

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or "django-insecure-for-a-laptop-only: production must set SECRET_KEY"

# Where the service listens. A wildcard address is reached by any name, so a laptop then accepts any Host header.
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
_WILDCARD = HOST in {"0.0.0.0", "::", "*"}  # noqa: S104 (compared with, not bound to)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) or (
    ["*"] if _WILDCARD else ["localhost", "127.0.0.1", "[::1]", HOST]
)

# Links in answers are built from this address alone, never from the Host header of a request.
_LOCAL_HOST = "127.0.0.1" if _WILDCARD else f"[{HOST}]" if ":" in HOST else HOST
PUBLIC_BASE_URL = (env.str("PUBLIC_BASE_URL", default="") or f"http://{_LOCAL_HOST}:{PORT}").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "indicators",
]

MIDDLEWARE = [
    # What every answer carries, problem documents and refusals included, is added outside of what makes them.
    "indicators.http.tracing.TracingMiddleware",
    "indicators.http.compression.CompressionMiddleware",
    "indicators.http.headers.PublicHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "indicators.http.throttling.ThrottleMiddleware",
    "indicators.http.errors.ProblemMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    # Django's own for the stewards' desk at /admin; they let every other address pass.
    "indicators.http.desk.DeskMiddleware",
    "indicators.http.desk.DeskSessionMiddleware",
    "indicators.http.desk.DeskCsrfMiddleware",
    "indicators.http.desk.DeskAuthenticationMiddleware",
    "indicators.http.desk.DeskMessageMiddleware",
]

ROOT_URLCONF = "urbanapi.urls"
WSGI_APPLICATION = "urbanapi.wsgi.application"
APPEND_SLASH = False  # an address with a trailing slash is 404: harvesters refuse redirects

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "libraries": {"portal": "indicators.portal.tags"},
        },
    }
]

SQLITE_PATH = BASE_DIR / "var" / "urbanapi.sqlite3"
SQLITE_PATH.parent.mkdir(exist_ok=True)
DATABASES: dict[str, Any] = {
    "default": env.db_url("DATABASE_URL")
    if env.str("DATABASE_URL", default="")
    else {"ENGINE": "django.db.backends.sqlite3", "NAME": SQLITE_PATH}
}
_DATABASE: dict[str, Any] = DATABASES["default"]
_DATABASE["CONN_MAX_AGE"] = None  # a connection for each thread is kept: opening one costs more than a page
if _DATABASE["ENGINE"].endswith("sqlite3"):
    _DATABASE["OPTIONS"] = {
        # Writers queue at BEGIN instead of failing in the middle; readers are never blocked (WAL).
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        # synchronous=FULL: a release that was reported as published survives a power cut.
        # The system keeps the pages of the file for all workers; more than 8 MB for each connection, or mapping the
        # file, makes no query faster and every worker larger (benchmarks/memory.py).
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-8192; "
        "PRAGMA temp_store=MEMORY",
    }
else:
    _DATABASE["CONN_HEALTH_CHECKS"] = True
    _DATABASE.setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
    _DATABASE["OPTIONS"]["server_side_binding"] = False  # query/limit.py sends two commands in one message

# Where the files of releases stand. Two databases never share a folder: each removes what is not its own.
_DATABASE_NAME = Path(str(_DATABASE["NAME"])).stem
FILES_ROOT = Path(env.str("FILES_ROOT", default="") or BASE_DIR / "var" / "files" / _DATABASE_NAME).absolute()
# Where the proxy has them at an internal address of its own (X-Accel-Redirect); empty: the service sends them itself.
FILES_ACCEL = env.str("FILES_ACCEL", default="")
if FILES_ACCEL and not re.fullmatch(r"/([A-Za-z0-9._-]+/)+", FILES_ACCEL):
    raise ImproperlyConfigured(
        f"FILES_ACCEL={FILES_ACCEL!r} is not an internal address of the proxy: write one such as /files-of-releases/."
    )

LANGUAGE_CODE = "en"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static" if PRODUCTION else None  # where collectstatic puts them
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # Hashed names, which browsers keep for good, and compressed twins; both are made by collectstatic.
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION  # a laptop serves static files without collecting them first
# Source maps, which debuggers alone ask for, would take two thirds of the time.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")

# What the service says of itself in answers and catalogs.
API_VERSION = __version__
DATA_LICENSE = env.str("DATA_LICENSE", default="https://creativecommons.org/licenses/by/4.0/")
PUBLISHER_NAME = env.str("PUBLISHER_NAME", default="UrbanAPI")
CONTACT_URL = env.str("CONTACT_URL", default="") or PUBLIC_BASE_URL
SDMX_AGENCY = env.str("SDMX_AGENCY", default="URBANAPI")
if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*", SDMX_AGENCY):
    raise ImproperlyConfigured(
        f"SDMX_AGENCY={SDMX_AGENCY!r} is not the id of an agency: write letters, digits, - and _, beginning with a "
        "letter; dots separate the parts of a nested id."
    )

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "indicators.http.errors.exception_handler",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "indicators.http.negotiation.ContractNegotiation",
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "UrbanAPI",
    "VERSION": API_VERSION,
    "DESCRIPTION": "Open statistics on urbanization: indicators, targets, regions and yearly observations, each "
    "value with its source and its vintages.\n\n"
    "城镇化公开统计：指标、目标、地区与逐年观测值，每个数值都有来源与历次发布版本。\n\n"
    "Read-only, no key needed. Lists are comma-separated, ranges are written `a..b`, and nothing is ever silently "
    "ignored: a wrong parameter is answered with 400 and a problem document (RFC 9457) that lists every fault.",
    "SERVERS": [{"url": PUBLIC_BASE_URL, "description": "This service"}],
    "CONTACT": {"name": PUBLISHER_NAME, "url": CONTACT_URL},
    "LICENSE": {"name": "Data licence", "url": DATA_LICENSE},
    "TAGS": [
        {
            "name": "plan",
            "description": "Plans, their actions and measures, and the targets that they set. 规划、行动、举措与目标。",
        },
        {
            "name": "data",
            "description": "Observations and releases: what was measured, as known at any time. 观测值与历次发布。",
        },
        {
            "name": "reference",
            "description": "Indicators, regions and their changes, datasets, sources, units. 指标、地区、来源。",
        },
        {
            "name": "service",
            "description": "The service itself: index, limits, kinds of errors. 索引、限额与错误类型。",
        },
    ],
    "POSTPROCESSING_HOOKS": ["indicators.api.schema.add_shared_components"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "tryItOutEnabled": True, "displayRequestDuration": True},
}

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", default=False) else None
X_FRAME_OPTIONS = "DENY"

# The stewards' desk at /admin: nobody else has a cookie, and it is sent to no other address.
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/admin/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds: a working day
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # its cookie would go to every address
CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(PUBLIC_BASE_URL))]
FILE_UPLOAD_HANDLERS = ["indicators.http.uploads.NoFiles"]
# Tables that stewards have handed in wait here to be published; all workers reach it, and nobody else.
INCOMING_DIR = Path(env.str("INCOMING_DIR", default="") or BASE_DIR / "var" / "incoming")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes of a form, held in memory; nginx.conf allows as many
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SILENCED_SYSTEM_CHECKS = [
    "security.W003",  # CSRF is checked at the desk, by a subclass: all other addresses are read-only, without cookies
    "security.W008",  # no SSL redirect: harvesters refuse any redirect, so TLS belongs to the proxy
]

# What one client may take: see http/throttling.py and query/limit.py.
try:
    _RATE = env.str("THROTTLE", default="600/minute" if PRODUCTION else "")
    THROTTLE = Rate.parse(_RATE) if _RATE else None
except ValueError as error:
    raise ImproperlyConfigured(f"THROTTLE={error}, or leave it empty for no limit.") from error
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
if TRUSTED_PROXIES < 0:
    raise ImproperlyConfigured("TRUSTED_PROXIES is the number of proxies in front that are yours: 0 or more.")
QUERY_SECONDS = env.float("QUERY_SECONDS", default=10.0)
if not 0.001 <= QUERY_SECONDS <= 3_600:
    raise ImproperlyConfigured("QUERY_SECONDS is the time limit of a query for data: 0.001 to 3600 seconds.")

LOG_FORMAT = env.str("LOG_FORMAT", default="") or ("json" if PRODUCTION else "text")
if LOG_FORMAT not in ("json", "text"):
    raise ImproperlyConfigured(f"LOG_FORMAT={LOG_FORMAT!r} is not a format of the log: write json or text.")
ACCESS_LOG = env.bool("ACCESS_LOG", default=PRODUCTION)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "indicators.http.logs.TextFormatter"},
        "json": {"()": "indicators.http.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # A wrong address or parameter is the caller's news, told in the answer, not the operator's.
    "loggers": {"django.request": {"level": "ERROR"}, "django.security.DisallowedHost": {"level": "CRITICAL"}},
}
