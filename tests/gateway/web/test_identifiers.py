"""`/v1/identifiers`: who is registered, with which secret address, aliases and policy."""

import pytest

from tests.conftest import Serve
from tests.running import CONFIG, Gateway, Json


def test_registering_issues_an_address_that_stays(gateway: Gateway, someone: str) -> None:
    first = gateway.api.put(f"/v1/identifiers/{someone}").json()
    policy = {"senders": ["acme.example"], "link_hosts": ["*.acme.example"], "min_trust": "route"}
    second = gateway.api.put(f"/v1/identifiers/{someone}", json=policy).json()
    assert first["secret_address"] == second["secret_address"]
    assert first["secret_address"].endswith("@gw.example")
    assert {name: second[name] for name in ("senders", "min_trust")} == {
        "senders": ["acme.example"],
        "min_trust": "route",
    }
    assert gateway.api.get(f"/v1/identifiers/{someone}").json() == second
    assert second in gateway.api.get("/v1/identifiers").json()["identifiers"]


def test_two_identifiers_have_two_secret_addresses(gateway: Gateway, someone: str) -> None:
    both = [gateway.api.put(f"/v1/identifiers/{name}").json() for name in (someone, f"b.{someone}")]
    assert both[0]["secret_address"] != both[1]["secret_address"]


def test_mail_to_the_secret_address_is_for_the_identifier_whoever_it_is_written_to(
    gateway: Gateway, someone: str
) -> None:
    secret_address = gateway.api.put(f"/v1/identifiers/{someone}").json()["secret_address"]
    gateway.send("somebody-else@example.com", "Your code is 482913", rcpt=secret_address)
    code = gateway.latest(someone)["code"]
    assert (code["route"], code["value"]) == ("secret-address", "482913")


def test_a_number_is_found_however_it_is_written(gateway: Gateway, number: str) -> None:
    assert gateway.api.put(f"/v1/identifiers/{number}").status_code == 200
    written = f"{number[:2]} ({number[2:5]}) {number[5:8]}-{number[8:]}"
    assert gateway.api.get(f"/v1/identifiers/{written}").json()["identifier"] == number


def test_a_mailbox_may_have_a_slash(gateway: Gateway, someone: str) -> None:
    """RFC 5321, 4.1.2: it is an ordinary letter there."""
    name, escaped = f"c=de/a=x/{someone}", f"c=de%2Fa=x%2F{someone}"
    assert gateway.api.put(f"/v1/identifiers/{escaped}").json()["identifier"] == name
    assert gateway.api.put(f"/v1/totp/{escaped}", json={"secret": "JBSWY3DPEHPK3PXP"}).status_code == 200
    assert gateway.api.get(f"/v1/totp/{escaped}").status_code == 200
    assert gateway.api.delete(f"/v1/identifiers/{escaped}").status_code == 204
    given = {"host": "127.0.0.1", "port": 1, "security": "plain", "password": "secret", "check": False}
    assert gateway.api.put(f"/v1/mailboxes/{escaped}", json=given).json()["address"] == name
    assert gateway.api.post(f"/v1/mailboxes/{escaped}/check").status_code == 409, "nobody is there"
    assert gateway.api.delete(f"/v1/mailboxes/{escaped}").status_code == 204


def test_an_alias_belongs_to_one_identifier(gateway: Gateway, someone: str) -> None:
    alias = f"alias.{someone}"
    assert gateway.api.put(f"/v1/identifiers/{someone}", json={"aliases": [alias]}).json()["aliases"] == [alias]
    taken = gateway.api.put(f"/v1/identifiers/b.{someone}", json={"aliases": [alias]})
    assert (taken.status_code, taken.json()["type"]) == (409, "urn:otpgate:problem:conflict")
    assert gateway.api.get(f"/v1/identifiers/b.{someone}").status_code == 404
    assert gateway.api.put(f"/v1/identifiers/{alias}").status_code == 409
    assert (
        gateway.api.put(f"/v1/identifiers/{someone}", json={"aliases": [alias, alias.upper()]}).status_code == 200
    )
    both = gateway.api.put(f"/v1/identifiers/{someone}", json={"aliases": [someone, alias]})
    assert both.json()["aliases"] == [alias], "itself is no alias"
    gateway.push(alias, "Your code is 482913")
    assert gateway.latest(someone)["code"]["value"] == "482913"


def test_an_alias_shows_its_identifier_to_whoever_may_see_that(gateway: Gateway, someone: str) -> None:
    alias = f"alias.{someone}"
    gateway.api.put(f"/v1/identifiers/{someone}", json={"aliases": [alias]})
    assert gateway.api.get(f"/v1/identifiers/{alias}").json()["identifier"] == someone
    assert gateway.api.delete(f"/v1/identifiers/{alias}").status_code == 404
    with gateway.client(gateway.new_key("admin", only=(alias,))) as client:
        assert client.get(f"/v1/identifiers/{alias}").status_code == 404


@pytest.mark.parametrize("field", ["aliases", "link_hosts"])
@pytest.mark.parametrize("value", [None, "user@example.com"])
def test_what_is_no_list_is_told_so(gateway: Gateway, someone: str, field: str, value: str | None) -> None:
    answer = gateway.api.put(f"/v1/identifiers/{someone}", json={field: value})
    assert (answer.status_code, answer.json()["detail"]) == (400, f"body field '{field}': Input should be a list")


def test_what_is_removed_is_gone(gateway: Gateway, someone: str) -> None:
    gateway.api.put(f"/v1/identifiers/{someone}", json={"aliases": [f"alias.{someone}"]})
    assert [gateway.api.delete(f"/v1/identifiers/{someone}").status_code for _ in range(2)] == [204, 404]
    assert gateway.api.get(f"/v1/identifiers/{someone}").status_code == 404
    assert (
        gateway.api.put(f"/v1/identifiers/b.{someone}", json={"aliases": [f"alias.{someone}"]}).status_code == 200
    )


@pytest.mark.parametrize(
    "policy",
    [
        {"aliases": ["nobody"]},
        {"link_hosts": ["localhost"]},
        {"min_trust": "much"},
        {"sender": "x"},
        {"aliases": "x"},
    ],
)
def test_a_policy_that_makes_no_sense_is_a_400(gateway: Gateway, someone: str, policy: Json) -> None:
    assert gateway.api.put(f"/v1/identifiers/{someone}", json=policy).status_code == 400
    assert gateway.api.put("/v1/identifiers/nobody", json={}).status_code == 400


def test_only_an_admin_sees_secret_addresses(gateway: Gateway, someone: str) -> None:
    gateway.api.put(f"/v1/identifiers/{someone}")
    with gateway.client(gateway.new_key("push", "read", "claim", "messages")) as client:
        for method in ("GET", "PUT", "DELETE"):
            assert client.request(method, f"/v1/identifiers/{someone}").status_code == 403
        assert client.get("/v1/identifiers").status_code == 403


def test_a_gateway_that_takes_registered_identifiers_only(serve: Serve, someone: str) -> None:
    """An unknown one answers as one that the key is not for; its mail is kept, with a verdict and no code."""
    gateway = serve(CONFIG.replace("accept_unknown = true", "accept_unknown = false"))
    gateway.send(someone, "Your code is 482913")
    unknown = gateway.api.get("/v1/codes/latest", params={"identifier": someone})
    assert unknown.status_code == 404
    kept = gateway.api.get("/v1/messages").json()["messages"]
    assert [(message["identifier"], message["verdict"]) for message in kept] == [(someone, "unknown recipient")]
    gateway.api.put(f"/v1/identifiers/{someone}")
    gateway.send(someone, "Your code is 482914")
    assert gateway.latest(someone)["code"]["value"] == "482914"
    assert gateway.stop() == 0
