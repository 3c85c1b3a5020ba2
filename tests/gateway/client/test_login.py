"""One login with either client: the code for this run alone, accepted when it worked and rejected when not."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from otpgate_client import AmbiguousCode, NothingArrived, NotYourTurn, RefusedError
from otpgate_client.running import RunningGateway
from tests.gateway.client.faces import AnyGate


def states(otpgate: RunningGateway, identifier: str) -> dict[str, str]:
    """The state of each code that the mailbox got, by value."""
    headers = {"x-api-key": otpgate.key}
    answer = httpx.get(f"{otpgate.url}/v1/codes", params={"identifier": identifier}, headers=headers)
    return {code["value"]: code["state"] for code in answer.raise_for_status().json()["codes"]}


def test_a_login_gets_the_code_that_came_for_it_and_accepts_it(gate: AnyGate, otpgate: RunningGateway) -> None:
    mailbox = otpgate.address()
    with gate.login(mailbox, sender="example.org") as code:
        otpgate.send_mail(mailbox, "Your code is 482913.")
        assert code.wait(10) == "482913"
        assert states(otpgate, mailbox) == {"482913": "claimed"}
    assert states(otpgate, mailbox) == {"482913": "accepted"}


def test_it_waits_for_a_code_that_is_yet_to_come(gate: AnyGate, otpgate: RunningGateway) -> None:
    number = otpgate.number()
    with gate.login(number) as code:
        threading.Timer(0.3, otpgate.send_sms, (number, "Your code is 482913.")).start()
        assert code.wait(10) == "482913"


def test_yesterdays_code_is_not_for_todays_login(gate: AnyGate, otpgate: RunningGateway) -> None:
    mailbox = otpgate.address()
    otpgate.send_mail(mailbox, "Your code is 482913.")
    with pytest.raises(NothingArrived) as failed, gate.login(mailbox) as code:
        code.wait(0)
    assert failed.value.diagnosis.startswith("before_cursor")
    assert states(otpgate, mailbox) == {"482913": "fresh"}


def test_a_code_of_a_login_that_failed_is_rejected(gate: AnyGate, otpgate: RunningGateway) -> None:
    mailbox = otpgate.address()

    def log_in() -> None:
        with gate.login(mailbox) as code:
            otpgate.send_mail(mailbox, "Your code is 482913.")
            code.wait(10)
            raise LookupError

    with pytest.raises(LookupError):
        log_in()
    assert states(otpgate, mailbox) == {"482913": "rejected"}


def test_waiting_again_gives_the_same_code_until_it_is_rejected(gate: AnyGate, otpgate: RunningGateway) -> None:
    mailbox = otpgate.address()
    with gate.login(mailbox) as code:
        otpgate.send_mail(mailbox, "Your code is 482913.")
        assert code.wait(10) == code.wait(10) == "482913"
        code.reject()
        otpgate.send_mail(mailbox, "Your code is 705526.")
        assert code.wait(10) == "705526"
    assert states(otpgate, mailbox) == {"482913": "rejected", "705526": "accepted"}


def test_a_link_is_handed_out_when_its_host_is_named(gate: AnyGate, otpgate: RunningGateway) -> None:
    mailbox, link = otpgate.address(), "https://example.org/sign-in?token=k3v9"
    with gate.login(mailbox, kind="link", link_host="example.org") as code:
        otpgate.send_mail(mailbox, f"Sign in with this link: {link}", subject="Sign in")
        assert code.wait(10) == link


def test_two_senders_codes_and_none_named_is_ambiguous(gate: AnyGate, otpgate: RunningGateway) -> None:
    mailbox = otpgate.address()
    with gate.login(mailbox) as code:
        otpgate.send_mail(mailbox, "Your code is 482913.", sender="a@acme.example")
        otpgate.send_mail(mailbox, "Your code is 705526.", sender="b@bank.example")
        with pytest.raises(AmbiguousCode) as failed:
            code.wait(10)
    assert set(failed.value.senders) == {"acme.example", "bank.example"}


def test_a_mail_without_a_code_is_told_from_no_mail(gate: AnyGate, otpgate: RunningGateway) -> None:
    mailbox = otpgate.address()
    with gate.login(mailbox) as code:
        otpgate.send_mail(mailbox, "Welcome to the club!", subject="Welcome")
        with pytest.raises(NothingArrived) as failed:
            code.wait(0.2)
    assert failed.value.diagnosis.startswith("arrived_without_code")


def test_one_call_takes_a_code_that_came_a_moment_ago(gate: AnyGate, otpgate: RunningGateway) -> None:
    mailbox = otpgate.address()
    otpgate.send_mail(mailbox, "Your code is 482913.")
    assert gate.wait(mailbox, 10) == "482913"
    assert states(otpgate, mailbox) == {"482913": "accepted"}


def test_what_makes_no_sense_is_refused_with_the_gateways_words(gate: AnyGate) -> None:
    with pytest.raises(RefusedError, match="identifier") as failed:
        gate.wait("neither mailbox nor number", 0)
    assert (failed.value.status, failed.value.type) == (400, "invalid-request")


def test_exclusive_logins_take_turns(otpgate: RunningGateway) -> None:
    """Each asks the site only in its turn, so each gets what it asked for, though the mails are alike."""
    mailbox = otpgate.address()

    def log_in(code_asked_for: str) -> str:
        with otpgate.login(mailbox, sender="example.org", exclusive=True) as code:
            otpgate.send_mail(mailbox, f"Your code is {code_asked_for}.")
            return code.wait(10)

    asked = ["482913", "705526", "319047", "660281"]
    with ThreadPoolExecutor(4) as runs:
        assert list(runs.map(log_in, asked)) == asked


def test_a_turn_that_does_not_come_in_time_is_an_error(gate: AnyGate, otpgate: RunningGateway) -> None:
    mailbox = otpgate.address()
    with otpgate.login(mailbox, exclusive=True):
        late = gate.login(mailbox, exclusive=True, turn_timeout=0.2)
        with pytest.raises(NotYourTurn), late:
            pytest.fail("two runs have their turn at once")


def test_threads_may_share_a_client(otpgate: RunningGateway) -> None:
    mailboxes = [otpgate.address() for _ in range(4)]

    def log_in(mailbox: str) -> str:
        with otpgate.login(mailbox) as code:
            otpgate.send_mail(mailbox, "Your code is 482913.")
            return code.wait(10)

    with ThreadPoolExecutor(4) as runs:
        assert list(runs.map(log_in, mailboxes)) == ["482913"] * 4


def test_the_key_is_in_no_repr(otpgate: RunningGateway) -> None:
    shown = [repr(otpgate), repr(otpgate.client), repr(vars(otpgate.client)), repr(otpgate.login("a@example.com"))]
    assert otpgate.key not in "".join(shown)
