"""What vouches for a mail: how it came (route) and who provably wrote it (author). Two things, never mixed.

Authentication-Results, X-Forwarded headers and ARC sets of sealers that nobody listed count for nothing:
whoever reaches the port can write them (FACTS 27, 30).
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from core.hosts import host_matches
from core.identifiers import organizational_domain
from core.message import Envelope
from core.signatures import DnsError, Signed, Txt, affordable, sealed_by, signed_author, signing_domains, verified

__all__ = ["DnsError", "Forwarder", "Proof", "TrustPolicy", "Txt", "Vouched", "prove", "vouch"]

_UNCHECKED = Signed(evidence="no author: signatures are not checked (trust.verify)")
_TRIED = 3


@dataclass(frozen=True, kw_only=True)
class Forwarder:
    """Someone whose forwarding is trusted, and how to know them: any one of these is enough.

    An envelope domain can be written by anyone, so it counts only with a DKIM signature of that domain, or
    with a good ARC chain whose newest seal is of one of `sealers`.
    """

    name: str
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    logins: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    sealers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TrustPolicy:
    """What the operator decided about trust; `verify` off leaves every mail without an author."""

    forwarders: tuple[Forwarder, ...] = ()
    verify: bool = True


@dataclass(frozen=True, kw_only=True)
class Vouched:
    """CONTRACT's route and author of a message, and both in words for a person."""

    route: str
    author: str | None = None
    evidence: str = ""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What one mail proves, before it is known whose it is: asked once, however many its recipients."""

    route: str = "open"
    route_evidence: str = "anybody could have sent it"
    forwarder: str = ""
    """Name of the listed forwarder that it came by."""
    only_for: str = ""
    """The only identifier for which the route proves anything; "" for any."""
    signed: Signed = field(default=_UNCHECKED)


def prove(raw: bytes, envelope: Envelope, *, policy: TrustPolicy, now: datetime, txt: Txt) -> Proof:
    """What the connection and the signatures of a mail prove; never raises, and asks DNS a few times at most."""
    signed = signed_author(raw, now=now, txt=txt) if policy.verify else _UNCHECKED
    for forwarder in policy.forwarders:
        evidence = _known_by(forwarder, envelope) or _shown_by(forwarder, raw, envelope, txt)
        if evidence:
            return Proof(
                route="forwarder",
                route_evidence=f"{forwarder.name}: {evidence}",
                forwarder=forwarder.name,
                signed=signed,
            )
    if envelope.login:
        return Proof(route="key", route_evidence="the sender logged in", signed=signed)
    return Proof(signed=signed)


def vouch(proof: Proof, *, identity_source: str, names: Collection[str], sender_domain: str = "") -> Vouched:
    """Route, author and evidence of a mail for one identifier; `names` are the identifier and its aliases.

    A genuine mail sent on to somebody else has no author: its signed To must be one of `names` (FACTS 29).
    Nor has a forwarded message, unless its own sender signed: pass the inner sender's domain as
    `sender_domain`, or whoever forwards a made-up block would vouch for it.
    """
    route, came = proof.route, proof.route_evidence
    if proof.only_for and proof.only_for not in names:
        route, came = "open", f"{came}, which is somebody else's"
    if identity_source == "rcpt-token":
        route, came = "secret-address", "sent to the address that was issued for it"
    signer = proof.signed.author
    author, wrote = signer, proof.signed.evidence
    if signer and proof.signed.to.isdisjoint(names):
        author, wrote = None, f"no author: {signer} signed it, but wrote it to somebody else"
    elif signer and sender_domain and organizational_domain(sender_domain) != signer:
        author, wrote = None, f"no author: {signer} signed it, but only forwards what it holds"
    return Vouched(route=route, author=author, evidence=f"{came}; {wrote}")


def _known_by(forwarder: Forwarder, envelope: Envelope) -> str:
    if envelope.login and envelope.login in forwarder.logins:
        return "it logged in"
    return "it came from one of its addresses" if _is_in(envelope.peer, forwarder.networks) else ""


def _is_in(peer: str, networks: Collection[IPv4Network | IPv6Network]) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return any(address in network for network in networks if network.version == address.version)


def _shown_by(forwarder: Forwarder, raw: bytes, envelope: Envelope, txt: Txt) -> str:
    """The envelope's domain is the forwarder's, and a signature or seal says so too."""
    domain = envelope.mail_from.rpartition("@")[2].rstrip(">").lower()
    if not host_matches(domain, forwarder.domains) or not affordable(raw):
        return ""
    if forwarder.sealers and host_matches(sealed_by(raw, txt), forwarder.sealers):
        return f"ARC seal, envelope of {domain}"
    places = [at for at, signer in enumerate(signing_domains(raw)) if host_matches(signer, forwarder.domains)]
    return f"DKIM signature, envelope of {domain}" if any(_good(raw, at, txt) for at in places[:_TRIED]) else ""


def _good(raw: bytes, at: int, txt: Txt) -> bool:
    try:
        return verified(raw, at, txt)
    except DnsError:
        return False
