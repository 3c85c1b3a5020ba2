"""The door closes: what is in flight is stored or refused, never lost."""

import asyncio
import time
from concurrent.futures import wait
from typing import TYPE_CHECKING

from gateway.smtp import Refusal

if TYPE_CHECKING:
    from core.message import InboundMessage
    from tests.gateway.smtp.conftest import Gateway, OpenGateway


def refuses_connections(gateway: "Gateway", port: int) -> bool:
    assert gateway.listener.addresses == ()
    try:
        gateway.run(asyncio.open_connection("127.0.0.1", port)).result(60)
    except ConnectionRefusedError:
        return True
    return False


def test_idle_connections_hear_421_and_the_port_is_free(gateway: "Gateway") -> None:
    port = gateway.port
    idle = [gateway.greeted() for _ in range(5)]
    gateway.stop().result(60)
    assert [peer.reply()[:9] for peer in idle] == ["421 4.3.2"] * 5
    assert gateway.notebook.refusals == [Refusal.STOPPING] * 5
    assert refuses_connections(gateway, port)


def test_a_mail_that_is_coming_in_is_taken_before_the_end(gateway: "Gateway") -> None:
    peer = gateway.greeted().open_mail()
    peer.send(b"first half,\r\n")
    stopping = gateway.stop()
    assert not wait([stopping], 0.1).done
    peer.send(b"second half\r\n.\r\n")
    assert peer.reply() == "250 2.0.0 stored trace1"
    assert peer.reply().startswith("421 4.3.2 stopping")
    stopping.result(60)
    assert gateway.stored[0].raw == b"first half,\r\nsecond half\r\n"


def test_a_mail_that_is_being_stored_is_answered_before_the_end(open_gateway: "OpenGateway") -> None:
    async def deliver(_: "InboundMessage") -> None:
        await asyncio.sleep(0.2)

    gateway = open_gateway(deliver=deliver)
    peers = [gateway.greeted().open_mail() for _ in range(10)]
    for peer in peers:
        peer.send(b".\r\n")
    stopping = gateway.stop()
    assert all(peer.reply().startswith("250 ") for peer in peers)
    stopping.result(60)


def test_who_is_not_done_in_time_is_put_off(open_gateway: "OpenGateway") -> None:
    cancelled: list[bool] = []

    async def deliver(_: "InboundMessage") -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    gateway = open_gateway(deliver=deliver)
    storing, sending = gateway.greeted().open_mail(), gateway.greeted().open_mail()
    storing.send(b".\r\n")
    sending.send(b"no end")
    began = time.monotonic()
    gateway.stop(0.2).result(60)
    assert time.monotonic() - began < 30
    assert storing.rest() == sending.rest() == b"421 4.3.2 stopping, try again later\r\n"
    assert cancelled == [True]
