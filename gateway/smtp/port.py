"""What is special about one listening port."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address


@dataclass(frozen=True, kw_only=True)
class Port:
    """The custom of a port: what comes before the banner."""

    implicit_tls: bool = False
    """TLS from the first byte (RFC 8314, 3.3)."""
    balancers: tuple[IPv4Network | IPv6Network, ...] = ()
    """Only these may connect, and each connection begins with a PROXY header that names the client."""

    def lists(self, peer: str) -> bool:
        """That address is one of the balancers."""
        return any(ip_address(peer) in network for network in self.balancers)
