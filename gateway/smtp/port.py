"""What is special about one listening port."""

from dataclasses import dataclass

from gateway.addresses import Network, is_in


@dataclass(frozen=True, kw_only=True)
class Port:
    """The custom of a port: what comes before the banner."""

    implicit_tls: bool = False
    """TLS from the first byte (RFC 8314, 3.3)."""
    balancers: tuple[Network, ...] = ()
    """Only these may connect, and each connection begins with a PROXY header that names the client."""

    def lists(self, peer: str) -> bool:
        """That address is one of the balancers."""
        return is_in(peer, self.balancers)
