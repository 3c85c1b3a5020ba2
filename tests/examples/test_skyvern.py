"""A pull as Skyvern makes it gets the code, when it is signed with Skyvern's key."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.examples.conftest import HERE
from tests.running import CONFIG, Gateway

KEY = "test-skyvern-api-key"


@pytest.fixture(scope="module")
def gateway(serve: Callable[..., Gateway]) -> Gateway:
    """A gateway that believes pulls which Skyvern signed; its own address is what it says it is."""
    local = CONFIG.replace('public_url = "https://otp.example.com"', "").split("[hooks.sms]")[0]
    return serve(f'{local}[skyvern]\napi_key = "{KEY}"\n')


@pytest.mark.parametrize(("key", "printed"), [(KEY, "482913\n"), ("another-key", "")])
def test_a_pull_prints_the_code_if_its_signature_is_right(
    key: str, printed: str, gateway: Gateway, environment: dict[str, str], someone: str
) -> None:
    told = {"OTPGATE_URL": gateway.url, "OTPGATE_KEY": gateway.key, "SKYVERN_API_KEY": key}
    script = [sys.executable, str(HERE / "skyvern_pull.py"), someone, "wr_123456"]
    gateway.send(someone, "Your code is 482913.")
    done = subprocess.run(
        script, env={**environment, **told}, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout == printed
    assert ("403" in done.stderr) == (not printed)
