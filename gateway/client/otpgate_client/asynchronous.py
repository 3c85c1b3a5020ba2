"""`AsyncOtpGate`: the client that awaits."""

import asyncio
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar, Unpack

import httpx

from otpgate_client import conversation as talk
from otpgate_client.address import client_options, reply_of
from otpgate_client.errors import OtpGateError
from otpgate_client.wanted import Options, Wanted, wanted

if TYPE_CHECKING:
    from otpgate_client.claim import Claim

T = TypeVar("T")


class AsyncOtpGate:
    """A gateway and a key to it, for asyncio.

    `url` and `key` default to OTPGATE_URL (else http://127.0.0.1:8025) and OTPGATE_KEY.
    """

    def __init__(self, url: str | None = None, key: str | None = None) -> None:
        self._http = httpx.AsyncClient(**client_options(url, key))

    def login(self, identifier: str, **options: Unpack[Options]) -> "AsyncLogin":
        """One login that needs a code: an async context whose `wait` returns it."""
        return AsyncLogin(self, wanted(identifier, options), options.get("after", ""))

    async def wait(
        self,
        identifier: str,
        timeout: float = 60.0,  # noqa: ASYNC109 - the gateway holds the request as long
        **options: Unpack[Options],
    ) -> str:
        """A code that came in the last two minutes (or after `after`) or comes in time, accepted at once."""
        asked = wanted(identifier, options)
        claim = await self.carry(talk.claim(asked, options.get("after", ""), timeout))
        await self.carry(talk.end(claim.id, "accept"))
        return claim.value

    async def cursor(self) -> str:
        """A cursor for now."""
        return await self.carry(talk.take_cursor(wanted("", {})))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def carry(self, conversation: talk.Conversation[T]) -> T:
        """Carry a conversation to its end; its result."""
        reply = talk.Reply()
        try:
            step = next(conversation)
            while True:
                if isinstance(step, talk.Pause):
                    await asyncio.sleep(step.seconds)
                else:
                    reply = await self._send(step)
                step = conversation.send(reply)
        except StopIteration as end:
            result: T = end.value
            return result

    async def _send(self, call: talk.Call) -> talk.Reply:
        try:
            return reply_of(await self._http.post(call.path, json=call.body, timeout=call.timeout))
        except httpx.TransportError:
            return talk.Reply()


class AsyncLogin:
    """One login: entering takes a cursor or a turn; leaving accepts the code, by an exception rejects it."""

    def __init__(self, gate: AsyncOtpGate, asked: Wanted, after: str) -> None:
        self._gate, self._asked = gate, asked
        self.after = after
        """The cursor: only what came later matches."""
        self.claim: Claim | None = None
        """The code that this login holds, with its particulars."""

    @property
    def run_id(self) -> str:
        """The name of this run."""
        return self._asked.run_id

    async def __aenter__(self) -> Self:
        if self._asked.exclusive or not self.after:
            cursor = await self._gate.carry(talk.take_cursor(self._asked))
            self.after = self.after or cursor
        return self

    async def wait(self, timeout: float = 60.0) -> str:  # noqa: ASYNC109 - the gateway holds the request as long
        """The code to type or the link to open, the same each time until it is rejected.

        Raises NothingArrived after `timeout` seconds, AmbiguousCode, UnreachableError, RefusedError.
        """
        if not self.claim:
            self.claim = await self._gate.carry(talk.claim(self._asked, self.after, timeout))
        return self.claim.value

    async def reject(self) -> None:
        """The site did not take the code: the next `wait` sees only newer ones."""
        await self._end("reject")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            return await self._end("accept")
        try:
            await self._end("reject")
        except OtpGateError as failed:
            error.add_note(f"The code could not be rejected either: {failed}")
        return None

    async def _end(self, outcome: str) -> None:
        if self.claim:
            await self._gate.carry(talk.end(self.claim.id, outcome))
            self.claim = None
