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
