"""Both clients behind one face, so that every test runs with each."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol, Unpack

from otpgate_client import AsyncLogin, AsyncOtpGate, Options


class AnyLogin(Protocol):
    """A login of either client, as its user sees it."""

    def wait(self, timeout: float = ...) -> str:
        """The code."""

    def reject(self) -> None:
        """The site did not take it."""


class AnyGate(Protocol):
    """Either client."""

    def login(self, identifier: str, **options: Unpack[Options]) -> AbstractContextManager[AnyLogin]:
        """One login."""

    def wait(self, identifier: str, timeout: float = ..., **options: Unpack[Options]) -> str:
        """The code, accepted at once."""


class Awaited:
    """The client that awaits, called as if it blocked."""

    def __init__(self, url: str, key: str) -> None:
        self.runner, self.gate = asyncio.Runner(), AsyncOtpGate(url, key)

    @contextmanager
    def login(self, identifier: str, **options: Unpack[Options]) -> Iterator[AnyLogin]:
        """A login, entered and left as `async with` does."""
        login = self.gate.login(identifier, **options)
        self.runner.run(login.__aenter__())
        try:
            yield AwaitedLogin(self.runner, login)
        except BaseException as error:
            self.runner.run(login.__aexit__(type(error), error, error.__traceback__))
            raise
        self.runner.run(login.__aexit__(None, None, None))

    def wait(self, identifier: str, timeout: float = 60.0, **options: Unpack[Options]) -> str:
        """The code."""
        return self.runner.run(self.gate.wait(identifier, timeout, **options))

    def close(self) -> None:
        """Close the connections and the loop."""
        self.runner.run(self.gate.aclose())
        self.runner.close()


@dataclass
class AwaitedLogin:
    """A login of the client that awaits, called as if it blocked."""

    runner: asyncio.Runner
    login: AsyncLogin

    def wait(self, timeout: float = 60.0) -> str:
        """The code."""
        return self.runner.run(self.login.wait(timeout))

    def reject(self) -> None:
        """The site did not take it."""
        self.runner.run(self.login.reject())
