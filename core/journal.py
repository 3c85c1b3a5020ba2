"""The closed list of events that are logged, one function each.

No event takes a code, link, secret, key or body. `trace_id` follows a message through every line and answer;
`error` is an exception's class, never its text.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog

# Long: the list is closed only as long as it stands in one place.
Told = Callable[[str, dict[str, Any]], None]
"""Hears each event by name, with its fields, whatever the log's level is; it must not raise."""


class _Log:
    """The log, and whoever else is told what happens."""

    def __init__(self) -> None:
        self._lines = structlog.get_logger("otpgate")
        self.told: tuple[Told, ...] = ()

    def debug(self, event: str, **fields: Any) -> None:
        self._tell(self._lines.debug, event, fields)

    def info(self, event: str, **fields: Any) -> None:
        self._tell(self._lines.info, event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        self._tell(self._lines.warning, event, fields)

    def error(self, event: str, **fields: Any) -> None:
        self._tell(self._lines.error, event, fields)

    def _tell(self, line: Callable[..., Any], event: str, fields: dict[str, Any]) -> None:
        line(event, **fields)
        for told in self.told:
            told(event, fields)


_log = _Log()


@contextmanager
def told_to(listener: Told) -> Iterator[None]:
    """Tell a listener every event while the block runs: metrics are counted from these events alone."""
    _log.told = (*_log.told, listener)
    try:
        yield
    finally:
        _log.told = tuple(told for told in _log.told if told != listener)


def started(smtp: Sequence[str], http: Sequence[str], data_dir: str) -> None:
    """Both doors answer: the one `ready` line."""
    _log.info("ready", smtp=list(smtp), http=list(http), data_dir=data_dir)


def stopping(reason: str) -> None:
    """The gateway drains and stops."""
    _log.info("stopping", reason=reason)


def stopped() -> None:
    """Everything that was in flight is stored or refused."""
    _log.info("stopped")


def died(reason: str) -> None:
    """A part died and took the process down: the last line, for whoever restarts it."""
    _log.error("died", reason=reason)


def failed(part: str, error: BaseException) -> None:
    """A part died; the process goes down with it."""
    _log.error("failed", part=part, error=type(error).__name__)


def message_stored(  # noqa: PLR0913 - one event, named fields
    *,
    trace_id: str,
    door: str,
    channel: str,
    identifier: str,
    identity_source: str,
    verdict: str,
    new: bool,
    via: str,
    kinds: Sequence[str],
) -> None:
    """A message was committed for one identifier; `new` is false for a repeat.

    `via` is the forwarder or API key that vouches for it, else the door; `kinds` are those of its codes.
    """
    _log.info(
        "message_stored",
        trace_id=trace_id,
        door=door,
        channel=channel,
        identifier=identifier,
        identity_source=identity_source,
        verdict=verdict,
        new=new,
        via=via,
        kinds=list(kinds),
    )


def confirmation_waits(*, trace_id: str, identifier: str, message_id: str) -> None:
    """A mail provider asks a person to confirm a forwarding; `otpgate doctor` and the message show the link."""
    _log.info("confirmation_waits", trace_id=trace_id, identifier=identifier, message_id=message_id)


def reading_failed(*, trace_id: str, error: str) -> None:
    """A message's contents could not be understood; it is stored with a verdict."""
    _log.warning("reading_failed", trace_id=trace_id, error=error)


def readers_failed(error: BaseException) -> None:
    """The processes that read beside the doors ended; others are started, and it reads itself meanwhile."""
    _log.warning("readers_failed", error=type(error).__name__)


def hook_refused(*, hook: str, reason: str, address: str) -> None:
    """A webhook call was not believed or not understood; `reason` is a fixed phrase."""
    _log.warning("hook_refused", hook=hook, reason=reason, address=address)


def hook_silent(*, hook: str, heard_at: str, silent_after: float) -> None:
    """Nothing was heard of a webhook's sender, at any node, for longer than configured; told once a silence."""
    _log.warning("hook_silent", hook=hook, heard_at=heard_at, silent_after=silent_after)


def hook_heard_again(*, hook: str) -> None:
    """A webhook's sender that had fallen silent was heard."""
    _log.info("hook_heard_again", hook=hook)


def code_claimed(*, identifier: str, code_id: str, run_id: str, key_id: str, seconds: float = 0.0) -> None:
    """A code was handed to a run, so many seconds after it had arrived."""
    _log.info(
        "code_claimed",
        identifier=identifier,
        code_id=code_id,
        run_id=run_id,
        key_id=key_id,
        seconds=round(seconds, 4),
    )


def claim_ended(*, claim_id: str, outcome: str) -> None:
    """A run accepted, rejected or released its code."""
    _log.info("claim_ended", claim_id=claim_id, outcome=outcome)


def request_refused(*, path: str, problem: str, address: str) -> None:
    """An API call was answered with a problem; `path` is the route's pattern, never the URL."""
    _log.info("request_refused", path=path, problem=problem, address=address)


def request_failed(*, path: str, error: BaseException) -> None:
    """An API call met a fault of ours."""
    _log.error("request_failed", path=path, error=type(error).__name__)


def signed_in(*, key_id: str, address: str) -> None:
    """Somebody signed in to the console with that API key."""
    _log.info("signed_in", key_id=key_id, address=address)


def smtp_connected(*, peer: str) -> None:
    """A client connected to the SMTP door."""
    _log.debug("smtp_connected", peer=peer)


def smtp_stored(*, peer: str, trace_id: str, size: int, seconds: float) -> None:
    """A mail of so many bytes was accepted, so many seconds after its final dot."""
    _log.debug("smtp_stored", peer=peer, trace_id=trace_id, size=size, seconds=round(seconds, 4))


def smtp_refused(*, peer: str, reason: str, trace_id: str) -> None:
    """The SMTP door refused a connection, command or mail; `reason` is a fixed phrase."""
    _log.info("smtp_refused", peer=peer, reason=reason, trace_id=trace_id)


def smtp_failed(*, peer: str, error: str, trace_id: str) -> None:
    """The SMTP door met a fault of ours and answered 451; `error` is the exception's class."""
    _log.error("smtp_failed", peer=peer, error=error, trace_id=trace_id)


def store_failed(error: BaseException) -> None:
    """The database did not take a batch; its senders are asked to try again."""
    _log.error("store_failed", error=type(error).__name__)


def mailbox_connected(*, mailbox: str, idle: bool) -> None:
    """A mailbox is open and watched: by IDLE, or by asking again and again."""
    _log.info("mailbox_connected", mailbox=mailbox, idle=idle)


def mailbox_caught_up(*, mailbox: str, read: int, skipped: int) -> None:
    """What came while the mailbox was not watched is stored; what was too old to be of use is skipped."""
    _log.info("mailbox_caught_up", mailbox=mailbox, read=read, skipped=skipped)


def mailbox_heard(*, mailbox: str) -> None:
    """A mail server answered that there is no more to read."""
    _log.debug("mailbox_heard", mailbox=mailbox)


def mailbox_lost(*, mailbox: str, reason: str, retry_seconds: float) -> None:
    """A mail server is away, hangs or asks for patience; `reason` is a fixed phrase."""
    _log.warning("mailbox_lost", mailbox=mailbox, reason=reason, retry_seconds=round(retry_seconds, 1))


def mailbox_gave_up(*, mailbox: str, reason: str, retry_seconds: float) -> None:
    """A mail server does not let us in: a person must do something, and it is tried again but seldom."""
    _log.error("mailbox_gave_up", mailbox=mailbox, reason=reason, retry_seconds=round(retry_seconds, 1))


def mailbox_changed(*, mailbox: str, change: str, key_id: str) -> None:
    """A mailbox was added or removed."""
    _log.info("mailbox_changed", mailbox=mailbox, change=change, key_id=key_id)


def relayed(*, identifier: str, code_id: str, outcome: str) -> None:
    """A code was pushed to Skyvern; `outcome` is the HTTP status, or the class of what went wrong."""
    _log.info("relayed", identifier=identifier, code_id=code_id, outcome=outcome)


def webhook_tried(*, webhook_id: str, delivery_id: str, identifier: str, state: str, outcome: str) -> None:
    """A delivery to a webhook was tried; `outcome` is the HTTP status, or the class of what went wrong."""
    _log.info(
        "webhook_tried",
        webhook_id=webhook_id,
        delivery_id=delivery_id,
        identifier=identifier,
        state=state,
        outcome=outcome,
    )


def webhook_disabled(*, webhook_id: str) -> None:
    """A webhook's receiver answered 410: nothing more is planned for it until an admin resumes it."""
    _log.warning("webhook_disabled", webhook_id=webhook_id)


def pull_ambiguous(*, identifier: str, run_id: str, error: BaseException) -> None:
    """A pull was answered with nothing, since more than one code would do; `error` says of what kind."""
    _log.warning("pull_ambiguous", identifier=identifier, run_id=run_id, error=type(error).__name__)


def totp_changed(*, identifier: str, issuer: str, change: str, key_id: str) -> None:
    """A TOTP secret was stored or removed."""
    _log.info("totp_changed", identifier=identifier, issuer=issuer, change=change, key_id=key_id)


def keys_rotated(*, key_id: str, rows: int, state: str) -> None:
    """A rotation ended: everything is sealed with that key, or it was interrupted."""
    _log.info("keys_rotated", key_id=key_id, rows=rows, state=state)


def encryption_key_made(*, file: str, key_id: str) -> None:
    """The first start made the key that seals values in the database."""
    _log.info("encryption_key_made", file=file, key_id=key_id)


def disk_full() -> None:
    """There is less free space than the floor: messages are put off."""
    _log.error("disk_full")


def ballast_dropped() -> None:
    """The ballast file was given up, so that forgetting has room to work."""
    _log.warning("ballast_dropped")


def purged(*, rows: int) -> None:
    """What was due was forgotten."""
    _log.info("purged", rows=rows)


def migrated(*, before: str, after: str, backup: str) -> None:
    """The schema was brought up to date; `backup` is the copy made before, or ""."""
    _log.info("migrated", before=before, after=after, backup=backup)


def admin_key_made(path: str) -> None:
    """The first start made an admin key; only where it is kept is told."""
    _log.info("admin_key_made", path=path)
