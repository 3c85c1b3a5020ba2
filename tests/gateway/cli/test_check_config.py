"""`otpgate check-config`: all faults at once, each with its file and key, or what will be served."""

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.gateway.cli.conftest import Ended, Program

MANY = (
    "otpgate: config.toml: smtp.max_connections: should be a valid integer, unable to parse string as an integer"
)
FAULTY = """
data_dir = "elsewhere"
[smtp]
lisen = "0.0.0.0:25"
max_connections = "many"
[trust]
minimum = "high"
[hooks.sms]
provider = "twilio"
account_sid = "AC0123"
auth_tokn = "swordfish"
[hooks.other]
provider = "nobody"
"""


def checked(otpgate: "Program", text: str, **environment: str) -> "Ended":
    (otpgate.folder / "config.toml").write_text(text, encoding="utf-8")
    return otpgate("check-config", "--config", "config.toml", **environment)


def test_without_a_configuration_all_is_fine_and_nothing_is_made(otpgate: "Program") -> None:
    ended = otpgate("check-config")
    assert ended.code == 0
    assert ended.out.startswith("configuration is fine\n")
    assert "127.0.0.1:2525" in ended.out
    assert "this machine only" in ended.out
    assert list(otpgate.folder.iterdir()) == []


def test_all_faults_come_at_once_each_with_file_and_key(otpgate: "Program") -> None:
    ended = checked(otpgate, FAULTY, OTPGATE_HTTP__LISTEN="8025")
    assert (ended.code, ended.out) == (78, "")
    assert set(ended.err.splitlines()) == {
        "otpgate: OTPGATE_HTTP__LISTEN: http.listen: '8025' is no HOST:PORT such as 127.0.0.1:2525 or [::1]:2525",
        "otpgate: config.toml: data_dir: is no known key; did you mean server.data_dir?",
        "otpgate: config.toml: hooks.other.provider: there is no provider 'nobody'",
        "otpgate: config.toml: hooks.sms.auth_tokn: is no known key; did you mean auth_token?",
        "otpgate: config.toml: hooks.sms.auth_token: is missing",
        "otpgate: config.toml: server.public_url: must be set: a webhook's sender signs the public URL",
        "otpgate: config.toml: smtp.lisen: is no known key; did you mean listen?",
        MANY,
        "otpgate: config.toml: trust.minimum: should be 'none', 'route' or 'author'",
    }


def test_a_section_below_a_table_is_told_where_it_belongs(otpgate: "Program") -> None:
    """So it is when the block of one page is pasted under that of another."""
    pasted = (
        '[hooks.a]\nprovider = "smsgate"\nsigning_key = "k"\nsmtp.domains = []\n[hooks.b]\nprovider = "smsgate"\n'
    )
    ended = checked(otpgate, f'{pasted}signing_key = "k"\n')
    said = "hooks.a.smtp: stands under [hooks.a]: move it to the top of the file, above every [table]"
    assert (ended.code, ended.err.splitlines()) == (78, [f"otpgate: config.toml: {said}"])


NUMBERS = """
[hooks."x/y"]
provider = "smsgate"
signing_key = "swordfish"
sim_numbers = ["12", "hello"]
[hooks.other]
provider = "mapped"
secret = "swordfish"
text = "$.text"
number = "+1555"
"""


def test_hooks_that_no_sms_could_come_by_are_faults(otpgate: "Program") -> None:
    ended = checked(otpgate, NUMBERS)
    faulty = {line.split(": ")[2] for line in ended.err.splitlines()}
    assert (ended.code, faulty) == (78, {"hooks.x/y", "hooks.x/y.sim_numbers", "hooks.other.number"})
    assert "hello" not in ended.err


def test_what_outsiders_reach_is_shown_once_it_is_decided_and_no_secret_is(otpgate: "Program") -> None:
    ended = checked(
        otpgate,
        """
        server.public_url = "https://otp.example.com"
        smtp = { listen = "0.0.0.0:25", domains = ["otp.example.com"] }
        http.proxies = ["127.0.0.1"]
        identifiers.accept_unknown = false
        trust.minimum = "route"
        hooks.sms = { provider = "twilio", account_sid = "AC0123", auth_token = "swordfish" }
        """,
    )
    assert (ended.code, ended.err) == (0, "")
    assert "POST /hooks/sms (twilio)" in ended.out
    assert "the outside: smtp.listen is 0.0.0.0:25" in ended.out
    assert "swordfish" not in ended.out


def test_a_configuration_that_is_not_there_is_named(otpgate: "Program") -> None:
    ended = otpgate("check-config", "--config", "nowhere.toml")
    assert (ended.code, ended.err) == (78, "otpgate: nowhere.toml: cannot be read: No such file or directory\n")


def test_bad_toml_is_named_with_its_line(otpgate: "Program") -> None:
    ended = checked(otpgate, "[smtp]\nlisten = 127.0.0.1\n")
    assert ended.code == 78
    assert re.match(r"otpgate: config.toml: is not TOML: .*line 2", ended.err)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["check-config", "--confg", "x"], "--config"), (["no-such-command"], "no-such-command")],
)
def test_a_wrong_flag_or_command_is_a_question_of_usage(
    otpgate: "Program", arguments: list[str], said: str
) -> None:
    ended = otpgate(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
