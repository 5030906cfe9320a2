"""manage.py serve: run the service with granian, and stop it cleanly."""

import os
import signal
import socket
import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Arguments and printing only; granian does the work."""

    help = (
        "Serve until Ctrl-C, where HOST and PORT of the environment say (default 127.0.0.1:8000). "
        "Exit codes: 0 stopped, 1 the port is in use, else what the server ended with."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workers", type=int, default=2, help="number of processes (default 2)")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = settings.HOST, settings.PORT  # links in answers are made from them too
        _refuse_taken(host, port)
        base = settings.PUBLIC_BASE_URL
        for name, address in (("page", f"{base}/"), ("API", f"{base}/api/v1"), ("console", f"{base}/api/v1/docs")):
            self.stdout.write(f"{name:8} {address}")
        self.stdout.write("Stop with Ctrl-C.")
        command = [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
            "--workers", str(options["workers"]), "--blocking-threads", "4", "--no-ws", "urbanapi.wsgi:application",
        ]  # fmt: skip
        # A session of its own: a terminal sends Ctrl-C to all processes, which leaves the workers of granian hanging.
        server = subprocess.Popen(command, start_new_session=True, env=os.environ)  # noqa: S603 (our own command)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: server.terminate())
        sys.exit(max(server.wait(), 0))


def _refuse_taken(host: str, port: int) -> None:
    """Servers may share a port without a word, and each would answer some of the requests."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that was closed just now is free
            probe.bind(address)
    except OSError as error:
        raise CommandError(
            f"Nothing can listen at {host}:{port} ({error.strerror}). Stop what runs there, or choose another "
            f"port: PORT={port + 1000} make run"
        ) from error
