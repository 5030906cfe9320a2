"""Exits with 0 if the service in this container can answer: asks /readyz under a host name that it answers to."""

import os
import sys
import urllib.request

host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].lstrip(".").replace("*", "") or "localhost"
request = urllib.request.Request("http://127.0.0.1:8000/readyz", headers={"Host": host})
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
try:
    direct.open(request, timeout=4).close()
except OSError as error:
    sys.exit(f"/readyz: {error}")
