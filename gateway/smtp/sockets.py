"""The listening sockets of the SMTP door."""

import errno
import socket

from core.errors import ConfigurationError

_REASONS = {
    errno.EADDRINUSE: "another program listens there; stop it or choose another port",
    errno.EACCES: "this user may not open that port; choose one over 1023 or grant CAP_NET_BIND_SERVICE",
    errno.EADDRNOTAVAIL: "this machine has no such address",
}


def bind(host: str, port: int, *, key: str = "smtp.listen") -> list[socket.socket]:
    """Bound sockets for every address of `host` ("" and "localhost" mean IPv4 and IPv6), all on one port.

    Port 0 chooses a free one. Raises ConfigurationError that names `key` and says what to do.
    """
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise ConfigurationError([f"{key}: {host!r} is no address of this machine"]) from error
    bound: list[socket.socket] = []
    failure: OSError | None = None
    for family, _, _, _, address in found:
        try:
            chosen = port or (bound[0].getsockname()[1] if bound else 0)
            bound.append(_bound(family, (address[0], chosen, *address[2:]), both=len(found) == 1))
        except OSError as error:
            failure = failure or error
    if not bound or (failure and failure.errno == errno.EADDRINUSE):
        for one in bound:
            one.close()
        reason = _REASONS.get(failure.errno or 0, "it cannot be opened") if failure else "no such address"
        raise ConfigurationError([f"{key}: {host or '*'} port {port}: {reason}"]) from failure
    return bound


def _bound(family: int, address: tuple[object, ...], *, both: bool) -> socket.socket:
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # Alone, `::` takes IPv4 too; beside an IPv4 socket it must not.
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not both)
        one.bind(address)
    except OSError:
        one.close()
        raise
    return one
