"""The codes that stored secrets make at this moment, as a page shows them."""

from dataclasses import dataclass, field

from core.store import Code, TotpSecret, current_code
from core.totp import Method
from gateway.web import auth
from gateway.web.parts import parts


@dataclass(frozen=True, kw_only=True)
class CodeNow:
    """The code of this moment of one secret; a counter's has no period."""

    issuer: str
    account: str
    value: str = field(repr=False)
    period: int | None
    left: float | None
    """Seconds for which it is still good."""


def shown_codes(found: list[TotpSecret]) -> list[CodeNow]:
    """The code of each secret, an audit row for each; without values for a key that has no scope `claim`."""
    now = parts().clock()
    made = [current_code(one, now) for one in found]
    if auth.may("claim"):
        auth.note_shown("totp", made)
    return [_now(one, code) for one, code in zip(found, made, strict=True)]


def _now(one: TotpSecret, code: Code) -> CodeNow:
    counted = one.secret.method is Method.HOTP
    return CodeNow(
        issuer=one.secret.issuer,
        account=one.secret.account,
        value=code.value if auth.may("claim") else "",
        period=None if counted else one.secret.period,
        left=None if counted else round(one.secret.valid_for(code.received_at).total_seconds(), 1),
    )
