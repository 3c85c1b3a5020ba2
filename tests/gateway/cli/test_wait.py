"""`otpgate wait`, `push` and `cursor`: what programs and scripts call."""

import smtplib
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from otpgate_client.running import free_port

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.gateway.cli.conftest import Client
    from tests.running import Gateway


def test_what_was_pushed_is_printed_bare(client: "Client") -> None:
    pushed = client("push", "bare@example.com", "Your Acme code is 314159")
    assert (pushed.code, pushed.out[:4]) == (0, "msg_")
    assert "314159" not in pushed.out + pushed.err
    waited = client("wait", "bare@example.com", "--timeout", "5")
    assert (waited.code, waited.out, waited.err) == (0, "314159\n", "")


def test_a_mail_that_comes_while_it_waits_is_printed(client: "Client", gateway: "Gateway") -> None:
    waiting = client.start(
        "wait", "late@example.com", "--timeout", "60", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    time.sleep(0.5)  # whether it waits already or not, it has the code
    with smtplib.SMTP(*gateway.smtp, timeout=10) as smtp:
        mail = "From: a@shop.example\r\nTo: late@example.com\r\nSubject: Sign in\r\n\r\nYour code is 271828.\r\n"
        smtp.sendmail("a@shop.example", "otp@gw.example", mail)
    assert waiting.communicate(timeout=20) == ("271828\n", "")
    assert waiting.returncode == 0


def test_a_printed_code_is_accepted_and_no_other_run_gets_it(client: "Client") -> None:
    client("push", "once@example.com", "Your code is 161803")
    assert client("wait", "once@example.com").out == "161803\n"
    second = client("wait", "once@example.com", "--timeout", "0")
    assert (second.code, second.out) == (3, "")
    assert second.err.startswith("otpgate: claimed_by_another_run: a code for once@example.com arrived")


def test_a_held_claim_is_named_and_the_same_run_gets_it_again(client: "Client") -> None:
    client("push", "hold@example.com", "Your code is 141421")
    first = client("wait", "hold@example.com", "--run", "run-1", "--hold")
    again = client("wait", "hold@example.com", "--run", "run-1", "--hold")
    assert (first.out, again.out) == ("141421\n", "141421\n")
    assert first.err == again.err
    assert first.err.startswith("claim_")


def test_what_came_before_the_cursor_does_not_count(client: "Client") -> None:
    client("push", "old@example.com", "Your code is 223606")
    cursor = client("cursor").out.strip()
    ended = client("wait", "old@example.com", "--after", cursor, "--timeout", "0")
    assert ended.code == 3
    assert "before_cursor" in ended.err
    assert "--after" in ended.err


def test_nothing_says_so_with_what_to_check(client: "Client") -> None:
    ended = client("wait", "nothing@example.com", "--timeout", "0.3", "--after", client("cursor").out.strip())
    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith("otpgate: nothing_arrived: nothing arrived for nothing@example.com")


def test_a_link_is_held_back_with_the_command_that_would_allow_it(client: "Client") -> None:
    text = "Sign in to Acme: https://click.acme.example/sign-in?token=h3Kd9fQ2mX7 (expires in 10 minutes)"
    client("push", "link@example.com", text)
    ended = client("wait", "link@example.com", "--kind", "link", "--timeout", "0")
    assert ended.code == 3
    assert "otpgate identifiers allow link@example.com --link-host click.acme.example" in ended.err
    allowed = client("wait", "link@example.com", "--link-host", "acme.example", "--timeout", "0")
    assert allowed.out == "https://click.acme.example/sign-in?token=h3Kd9fQ2mX7\n"


def test_two_senders_codes_end_with_the_flag_that_tells_them_apart(client: "Client") -> None:
    client("push", "two@example.com", "Your code is 111213", "--sender", "a@one.example")
    client("push", "two@example.com", "Your code is 212223", "--sender", "b@two.example")
    ended = client("wait", "two@example.com")
    assert (ended.code, ended.out) == (1, "")
    assert "--sender one.example or --sender two.example" in ended.err
    assert client("wait", "two@example.com", "--sender", "one.example").out == "111213\n"


def test_a_message_can_be_piped_in_and_a_number_written_in_any_way(client: "Client") -> None:
    assert client("push", "+1 555 123-0001", "-", "--sender", "ACME", stdin="173205 is your code\n").code == 0
    assert client("wait", "+15551230001", "--sender", "ACME").out == "173205\n"


def test_a_terminal_shows_how_long_it_waits(client: "Client") -> None:
    seen = client.on_terminal("wait", "clock@example.com", "--timeout", "0.5")
    assert "waiting for a code for clock@example.com" in seen
    assert "0:00:00" in seen


@pytest.mark.parametrize(
    ("environment", "what_to_do"),
    [
        ({"OTPGATE_KEY": "otpgate_000000000000_wrong"}, "does not know this key (from --key or OTPGATE_KEY)"),
        ({"OTPGATE_URL": "http://127.0.0.1:1"}, "start one with `otpgate serve`, or say where it is with --url"),
        ({"OTPGATE_DATA_DIR": "nowhere"}, "there is no API key: give one with --key or OTPGATE_KEY"),
    ],
)
def test_an_error_says_what_to_do(client: "Client", environment: dict[str, str], what_to_do: str) -> None:
    for command in (["cursor"], ["wait", "user@example.com"]):
        ended = client(*command, **environment)
        assert ended.code == 1
        assert what_to_do in ended.err
        assert "wrong" not in ended.err


def test_what_names_the_data_folder_to_serve_names_it_to_its_clients(client: "Client") -> None:
    folder = {"OTPGATE_DATA_DIR": "", "OTPGATE_SERVER__DATA_DIR": client.environment["OTPGATE_DATA_DIR"]}
    assert client("cursor", **folder).code == 0


def test_an_address_that_is_none_is_a_question_of_usage(client: "Client") -> None:
    ended = client("cursor", "--url", "localhost:8025")
    assert ended.code == 2
    assert "http://" in ended.err


def test_an_identifier_that_is_none_is_explained(client: "Client") -> None:
    ended = client("wait", "nobody", "--timeout", "0")
    assert ended.code == 1
    assert "write a mailbox (user@example.com) or a phone number" in ended.err


def test_what_programs_call_starts_without_the_heavy_libraries() -> None:
    heavy = {"sqlalchemy", "lxml", "twilio", "phonenumbers", "flask", "pydantic", "structlog", "aiosmtpd", "dns"}
    modules = "gateway.cli, gateway.cli.wait, gateway.cli.push, gateway.cli.cursor"
    script = f"import sys, {modules}; print(*sorted(set(sys.modules) & set(sys.argv[1:])))"
    loaded = subprocess.run(
        [sys.executable, "-c", script, *heavy], capture_output=True, text=True, check=True, timeout=30
    )
    assert loaded.stdout.split() == []


def test_a_restart_of_the_gateway_does_not_end_the_wait(serve: "Callable[..., Gateway]", client: "Client") -> None:
    before = serve("--http-port", str(free_port()))
    here = ("--url", before.url, "--data-dir", str(before.data_dir))
    cursor = client("cursor", *here).out.strip()
    waiting = client.start(
        "wait", "patient@example.com", "--after", cursor, *here, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    before.until_held(1)
    before.process.terminate()
    assert before.process.wait(20) == 0
    serve("--http-port", before.url.rpartition(":")[2], data_dir=before.data_dir)
    assert client("push", "patient@example.com", "Your code is 264575", *here).code == 0
    assert waiting.communicate(timeout=20) == ("264575\n", "")
