"""Joins what proves something about a message: the door it came by, and for mail the checks of `core.trust`."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from core.ingest import Prove
from core.message import Channel, InboundMessage
from core.settings import TrustSettings
from core.signatures import Signed
from core.trust import Forwarder, Proof, TrustPolicy, prove
from gateway.dns import Resolver

_NO_MAIL = Signed(evidence="no author: not a mail")
_CUT = Signed(evidence="no author: signatures are not checked, only the beginning of the mail was fetched")
DNS_SECONDS = 1.5
"""For all the DNS questions of one mail together: no mail may take 2 s (CONTRACT, rule 2)."""


def proving(settings: TrustSettings, clock: Callable[[], datetime]) -> Prove:
    """The function that ingest asks what a message proves."""
    resolver = Resolver(nameservers=[str(address) for address in settings.dns_servers])
    policy = TrustPolicy(
        verify=settings.verify,
        forwarders=tuple(Forwarder(**forwarder.model_dump()) for forwarder in settings.forwarders),
    )

    def of(message: InboundMessage) -> Proof:
        if message.channel is not Channel.EMAIL:
            return Proof(route=message.route, route_evidence=f"came by {message.door}", signed=_NO_MAIL)
        txt = resolver.within(DNS_SECONDS)
        checked = policy if message.whole else replace(policy, verify=False)
        proof = prove(message.raw, message.envelope, policy=checked, now=clock(), txt=txt)
        if message.route == "forwarder":
            return _pulled(message, proof)
        if message.route != "provider" or proof.route != "open":
            return proof
        return replace(proof, route="provider", route_evidence=f"came by {message.door}, whoever wrote it")

    return of


def _pulled(message: InboundMessage, proof: Proof) -> Proof:
    """What it proves that a mail lay in a mailbox that we log in to: that it was sent there, by anybody.

    So it counts as a listed forwarder's, but for that mailbox alone: To is for anyone to write.
    """
    (address,) = message.envelope.rcpt_to
    signed = proof.signed if message.whole else _CUT
    came = f"fetched from the mailbox {address}"
    return replace(proof, route="forwarder", route_evidence=came, only_for=address, signed=signed)
