"""The ports of this machine."""

import errno
import os
import socket

from .errors import UserError


def check_free(host: str, port: int) -> None:
    """Check that a server can listen at an address of this machine.

    Raises:
        UserError: something listens there, the host is not this machine's, or the port may not be used.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"--host {host}: {reason}; give a name or an address of this machine") from None
    try:
        with socket.socket(family) as tried:
            if (
                os.name == "posix"
            ):  # a server that has just ended does not count; elsewhere this means another thing
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        other = "--host" if error.errno == errno.EADDRNOTAVAIL else "--port"
        raise UserError(f"{host}:{port}: {error.strerror}; choose another by {other}") from None
