"""IP addresses as peers have them: written one way, counted by customer, looked up in lists."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


def plain_address(host: str) -> str:
    """An IP address without zone, and IPv4 as IPv4 where a dual-stack socket gave `::ffff:192.0.2.1`."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def origin(peer: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 that one IPv6 customer gets."""
    try:
        address = ip_address(peer)
    except ValueError:
        return peer
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address), 64), strict=False))
    return peer


def networks_of(texts: Iterable[str]) -> tuple[Network, ...]:
    """The networks that a list of addresses and networks names; raises ValueError."""
    return tuple(ip_network(text, strict=False) for text in texts)


def is_address(text: str) -> bool:
    """Whether it is an IP address at all."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_in(peer: str, networks: Iterable[Network]) -> bool:
    """Whether that address is in one of the networks; what is no address is in none."""
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    return any(address in network for network in networks)
