"""The header by which a load balancer names the client (PROXY protocol 1 and 2, haproxy's proxy-protocol.txt)."""

from ipaddress import ip_address

MAX_V1 = 107
MAX_V2 = 1024
"""Bytes of addresses and extras; the standard's own maximum is 65,535, real ones are under 300."""
_V2 = b"\r\n\r\n\0\r\nQUIT\n"
_V2_FIXED = 16
_LOCAL, _PROXY = 0x20, 0x21
_V2_ADDRESS_BYTES = {0x11: 4, 0x21: 16}
"""TCP over IPv4 and over IPv6."""


def read_header(data: bytes) -> tuple[str, int] | None:
    """The client's IP address ("" for the balancer's own checks) and the header's length; None: not all here yet.

    Raises ValueError for anything else than a header.
    """
    return _read_v2(data) if data[:1] == _V2[:1] else _read_v1(data)


def _read_v1(data: bytes) -> tuple[str, int] | None:
    line, end, _ = data[:MAX_V1].partition(b"\r\n")
    if not (b"PROXY " + line[6:]).startswith(line):
        raise ValueError("not a PROXY header")
    if not end:
        if len(line) == MAX_V1:
            raise ValueError("PROXY header without an end")
        return None
    words = line.decode("ascii").split(" ")
    if words[1:2] == ["UNKNOWN"]:
        return "", len(line) + 2
    _, family, source, _, _, _ = words
    address = ip_address(source)
    if family != f"TCP{address.version}":
        raise ValueError("PROXY header of another family")
    return str(address), len(line) + 2


def _read_v2(data: bytes) -> tuple[str, int] | None:
    if not _V2.startswith(data[: len(_V2)]):
        raise ValueError("not a PROXY header")
    if len(data) < _V2_FIXED:
        return None
    command, family, size = data[12], data[13], int.from_bytes(data[14:_V2_FIXED])
    if command not in {_LOCAL, _PROXY} or size > MAX_V2:
        raise ValueError("PROXY header of another version, or too long")
    if len(data) < _V2_FIXED + size:
        return None
    width = _V2_ADDRESS_BYTES.get(family, 0)
    if command == _LOCAL or not width:
        return "", _V2_FIXED + size
    if size < 2 * width:
        raise ValueError("PROXY header without its addresses")
    return str(ip_address(data[_V2_FIXED : _V2_FIXED + width])), _V2_FIXED + size
