"""Forms that Twilio signed, of whichever of its webhooks."""

from collections.abc import Iterable, Mapping

from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from gateway.webhooks.proof import shown
from gateway.webhooks.request import HookRefusedError, HookRequest


class _Form(dict[str, list[str]]):
    """Form fields as twilio's validator reads them: with every value of a name."""

    def getall(self, name: str) -> list[str]:
        """Every value of that name."""
        return self[name]


def signed_form(request: HookRequest, tokens: Iterable[SecretStr], account_sid: str) -> Mapping[str, list[str]]:
    """The form fields, when one of the tokens signed them with the public URL and they name the account.

    Raises HookRefusedError for any other. Parameters sign alike however they are cut (`a=bc`, `ab=c`), so whoever
    calls checks ids and numbers as well. Source: https://www.twilio.com/docs/usage/security#validating-requests
    """
    signature = request.headers.get("x-twilio-signature", "")
    if not signature:
        raise HookRefusedError("signature missing")
    if request.content_type != "application/x-www-form-urlencoded":
        raise HookRefusedError("not a form")
    form = _Form(request.form())
    if not any(RequestValidator(token).validate(request.url, form, signature) for token in shown(tokens)):
        raise HookRefusedError("signature wrong")
    if form.get("AccountSid") != [account_sid]:
        raise HookRefusedError("another account")
    return form
