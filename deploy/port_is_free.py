"""Exits with 1 if somebody listens at HOST PORT: granian would share the port with it, and each get some requests."""

import socket
import sys

host, port = sys.argv[1], int(sys.argv[2])
try:
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that have just ended are no hindrance
        probe.bind(address)
except OSError as error:
    sys.exit(
        f"Nothing can be served at {host} port {port}: {error.strerror}. Choose another port: PORT={port + 1} make run"
    )
