"""What schemathesis must know of this API: how its own kinds of text look, and that nobody has all day."""

import contextlib
from typing import Any

import schemathesis
from hypothesis import strategies as st

schemathesis.openapi.format("identifier", st.from_regex(r"[a-z]{1,8}@example\.(com|org)", fullmatch=True))
schemathesis.openapi.format("cursor", st.sampled_from(["", "cur_AAYZZZZZZZA"]))
schemathesis.openapi.format("page", st.just(""))
schemathesis.openapi.format("totp-secret", st.from_regex(r"[A-Z2-7]{16}", fullmatch=True))
schemathesis.openapi.format("mail-host", st.just("127.0.0.1"))
schemathesis.openapi.format("token-url", st.just("http://127.0.0.1:1/token"))
schemathesis.openapi.format("receiver", st.just("http://127.0.0.1:1/otp"))
schemathesis.openapi.format("signing-secret", st.just("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
schemathesis.openapi.format("host", st.sampled_from(["example.com", "*.example.org"]))


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:  # noqa: ARG001 - the hook's signature
    """A request that would be held until something comes is asked not to be."""
    for given in (case.query, case.body):
        with contextlib.suppress(AttributeError, KeyError, TypeError, ValueError):
            if 0 < float(given["wait"]) <= 60:
                given["wait"] = 0
