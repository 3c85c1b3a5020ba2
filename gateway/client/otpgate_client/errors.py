"""Every error of the client as one tree.

    OtpGateError
    ├── UnreachableError    nobody answered, something else did, or the gateway stayed busy
    ├── RefusedError        the gateway refused: `status`, `type` (RFC 9457) and its sentence
    │   ├── AmbiguousCode   codes of several senders match; `senders` names them
    │   └── NotYourTurn     another run kept its turn with that identifier and sender
    └── NothingArrived      no code in time; `diagnosis` says why

No text of an error holds a code, a link or a key.
"""

from collections.abc import Sequence


class OtpGateError(Exception):
    """Anything that the client raises on purpose."""


class UnreachableError(OtpGateError):
    """Nobody answered at the address in time, something else did, or the gateway stayed busy until time was up."""


class RefusedError(OtpGateError):
    """The gateway refused: `status` is HTTP's, `type` the problem's stable name, the text says what to do."""

    def __init__(self, status: int, type_: str, detail: str) -> None:
        super().__init__(detail or f"the gateway answered {status}")
        self.status, self.type = status, type_


class AmbiguousCode(RefusedError):  # noqa: N818 - reads as what happened, in the caller's `except`
    """Fresh codes of several senders match: name one with `sender`. `senders` lists them."""

    def __init__(self, status: int, type_: str, detail: str, senders: Sequence[str]) -> None:
        super().__init__(status, type_, detail)
        self.senders = tuple(senders)


class NotYourTurn(RefusedError):  # noqa: N818 - the same
    """Another run kept its turn with that identifier and sender until time was up."""


class NothingArrived(OtpGateError):  # noqa: N818 - the same
    """No code came in time; `diagnosis` is the gateway's reason, a word or a word, a colon and a sentence."""

    def __init__(self, identifier: str, diagnosis: str, seconds: float) -> None:
        super().__init__(f"no code for {identifier} within {seconds:g} s: {diagnosis}")
        self.identifier, self.diagnosis = identifier, diagnosis
