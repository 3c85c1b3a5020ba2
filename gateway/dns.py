"""DNS for signatures: TXT records, with time-outs and a cache."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import dns.exception
import dns.rdatatype
import dns.resolver

from core.signatures import DnsError, Txt

_KEPT = 1000
_SHORTEST, _LONGEST = 60.0, 3600.0
"""Seconds that an answer is kept, whatever its TTL: keys are rotated by the day, not by the second."""
_MISSING = 60.0
"""Seconds that "there is none" is kept; that nobody answered is never kept."""


@dataclass(frozen=True, kw_only=True)
class _Kept:
    answer: bytes
    until: float


class Resolver:
    """Asks DNS for TXT records. Safe to share between threads."""

    def __init__(
        self,
        *,
        nameservers: Sequence[str] = (),
        port: int = 53,
        timeout: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask `nameservers` (addresses), or those of the system; `timeout` is seconds for one question in all."""
        self._resolver = _system() if not nameservers else dns.resolver.Resolver(configure=False)
        if nameservers:
            self._resolver.nameservers = list(nameservers)
            self._resolver.port = port
        self._resolver.timeout = timeout / 2
        self._timeout = timeout
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def within(self, seconds: float) -> Txt:
        """A `txt` for one mail, all of whose questions together take no longer than that."""
        ends = self._clock() + seconds
        return lambda name: self.txt(name, lifetime=ends - self._clock())

    def txt(self, name: str, *, lifetime: float | None = None) -> bytes:
        """The strings of the TXT record of a name, joined (RFC 6376, 3.6.2.2); b"" when it has none.

        Raises DnsError when no server answered in time (at most `lifetime` seconds), or only with an error:
        then nothing is known.
        """
        key = name.rstrip(".").lower()
        with self._lock:
            kept = self._kept.get(key)
        if kept and kept.until > self._clock():
            return kept.answer
        answer, seconds = self._ask(key, self._timeout if lifetime is None else min(lifetime, self._timeout))
        with self._lock:
            self._kept[key] = _Kept(answer=answer, until=self._clock() + seconds)
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return answer

    def _ask(self, name: str, lifetime: float) -> tuple[bytes, float]:
        if lifetime <= 0:
            raise DnsError("no time is left to ask")
        try:
            answer = self._resolver.resolve(name + ".", dns.rdatatype.TXT, search=False, lifetime=lifetime)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return b"", _MISSING
        except (dns.exception.DNSException, UnicodeError, OSError, ValueError) as error:
            raise DnsError("nobody answered the question") from error
        if answer.rrset is None:
            return b"", _MISSING
        texts = [b"".join(record.strings) for record in answer]
        seconds = min(max(float(answer.rrset.ttl), _SHORTEST), _LONGEST)
        return (texts[0] if len(texts) == 1 else b"", seconds)  # several keys at one name are none


def _system() -> dns.resolver.Resolver:
    try:
        return dns.resolver.Resolver()
    except dns.resolver.NoResolverConfiguration:
        return dns.resolver.Resolver(configure=False)  # no servers: every question is a DnsError
