"""What is wrong with a hook's table is told in words, without a value and without an expression."""

import pytest

from core.errors import ConfigurationError
from core.settings import HookSettings
from gateway.providers import configure


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"provider": "nobody"}, "provider: there is no provider 'nobody'"),
        ({"provider": "amazon_ses"}, "topic: field required"),
        ({"provider": "amazon_ses", "topic": "swordfish"}, "topic: should be a topic's ARN, such as arn:aws:sns:"),
        ({"provider": "amazon_ses", "topic": []}, "topic: should be a topic's ARN, such as arn:aws:sns:"),
        ({"provider": "mailgun", "signing_key": []}, "signing_key: should be a secret, or a list of them"),
        ({"provider": "cloudflare", "secret": ["swordfish", ""]}, "secret: a secret is empty"),
        (
            {"provider": "postmark", "user": "a:b", "password": "x"},
            "user: should be a user's name without a colon",
        ),
        (
            {"provider": "raw_mime", "secret": "x", "signature_header": "a b"},
            "signature_header: should be the name",
        ),
        ({"provider": "smsgate", "signing_key": "x", "sim_numbers": ["+15551230000", "12"]}, "sim_numbers: this "),
        ({"provider": "mapped", "secret": "x", "text": "$.text", "number": "+1555"}, "number: this phone number"),
        (
            {"provider": "mapped", "secret": "x", "text": "t", "recipient": "r", "numbers": {"a": "swordfish"}},
            "numbers.a: this identifier is neither a mailbox nor a phone number",
        ),
        ({"provider": "bird", "signing_key": "x", "channels": {"a": "swordfish"}}, "channels.a: this identifier"),
        ({"provider": "messagebird", "signing_key": "x", "number": "swordfish"}, "number: this identifier"),
        (
            {"provider": "twilio", "account_sid": "AC1", "auth_token": "x", "numbers": ["swordfish"]},
            "numbers: this identifier",
        ),
        ({"provider": "sendgrid", "public_key": "swordfish"}, "public_key: should be the policy's public_key"),
    ],
)
def test_a_fault_says_which_key_and_what_belongs_there(table: dict[str, object], sentence: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        configure({"in": HookSettings.model_validate(table)})
    (fault,) = error.value.faults
    assert fault.startswith(f"hooks.in.{sentence}")
    assert "swordfish" not in fault
    assert "^" not in fault


@pytest.mark.parametrize("number", ["+1 (555) 123-0000", "15551230000", "(555) 123-0000", "whatsapp:+15551230000"])
def test_a_number_may_be_written_as_people_do(number: str) -> None:
    table = {"provider": "twilio", "account_sid": "AC1", "auth_token": "x", "numbers": [number]}
    assert configure({"in": HookSettings.model_validate(table)}, "US")
