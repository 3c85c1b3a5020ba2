"""A shell script polls with curl."""

import shutil
import subprocess

import pytest

from otpgate_client.running import RunningGateway
from tests.examples.conftest import HERE

needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="curl is missing")


@needs_curl
def test_it_prints_the_code_that_a_command_asked_for(otpgate: RunningGateway, environment: dict[str, str]) -> None:
    number = otpgate.number()
    otpgate.send_sms(number, "Your code is 111222.")
    script = [str(HERE / "poll.sh"), number, "true"]
    with subprocess.Popen(script, env=environment, stdout=subprocess.PIPE, text=True) as polling:
        with pytest.raises(subprocess.TimeoutExpired):
            polling.wait(1)
        otpgate.send_sms(number, "Your code is 482913.")
        printed, _ = polling.communicate(timeout=20)
    assert (polling.returncode, printed) == (0, "482913\n")
