"""Configuration: a file, then the environment, then flags; and every fault at once."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.configuration import load
from core.errors import ConfigurationError
from core.known_keys import leaves
from core.settings import Settings, split_address


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def faults(file: Path | None, environment: dict[str, str] | None = None, **flags: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(file, environment or {}, {key.replace("__", "."): value for key, value in flags.items()})
    return [fault.replace(str(file), "FILE") for fault in caught.value.faults]


def possible_faults(environment: dict[str, str]) -> tuple[str, ...]:
    try:
        load(None, environment, {})
    except ConfigurationError as error:
        return error.faults
    return ()


def test_nothing_given_is_every_default() -> None:
    assert load(None, {}, {}) == Settings()


def test_the_environment_wins_over_the_file_and_a_flag_over_both(file: Path) -> None:
    file.write_text('[smtp]\nlisten = "127.0.0.1:1"\n[http]\nlisten = "127.0.0.1:2"\n[log]\nlevel = "error"\n')
    environment = {"OTPGATE_SMTP__LISTEN": "127.0.0.1:3", "OTPGATE_HTTP__LISTEN": "127.0.0.1:4", "OTHER": "x"}
    settings = load(file, environment, {"http.listen": "127.0.0.1:5"})
    assert (settings.smtp.listen, settings.http.listen) == ("127.0.0.1:3", "127.0.0.1:5")
    assert settings.log.level == "error"


@pytest.mark.parametrize("text", ["a.example, b.example", '["a.example", "b.example"]'])
def test_a_list_comes_from_the_environment_with_commas_or_as_json(text: str) -> None:
    assert load(None, {"OTPGATE_SMTP__DOMAINS": text}, {}).smtp.domains == ("a.example", "b.example")


def test_a_text_that_looks_like_json_stays_a_text() -> None:
    settings = load(None, {"OTPGATE_SKYVERN__API_KEY": "[true]"}, {})
    assert settings.skyvern.api_key.get_secret_value() == "[true]"


def test_a_secret_can_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("swordfish\n")
    settings = load(None, {"OTPGATE_SKYVERN__API_KEY_FILE": str(tmp_path / "secret")}, {})
    assert settings.skyvern.api_key.get_secret_value() == "swordfish"


def test_a_webhooks_secrets_can_stand_in_several_files(tmp_path: Path, file: Path) -> None:
    (tmp_path / "old").write_text("one")
    (tmp_path / "new").write_text("two")
    files = [str(tmp_path / "old"), str(tmp_path / "new")]
    file.write_text(f'[hooks.sms]\nprovider = "twilio"\nauth_token_file = {files}\n')
    assert load(file, {}, {}).hooks["sms"].options() == {"auth_token": ["one", "two"]}


def test_the_environments_secret_wins_over_the_files(tmp_path: Path, file: Path) -> None:
    (tmp_path / "secret").write_text("from a file")
    file.write_text(f'[skyvern]\napi_key_file = "{tmp_path / "secret"}"\n')
    settings = load(file, {"OTPGATE_SKYVERN__API_KEY": "from the environment"}, {})
    assert settings.skyvern.api_key.get_secret_value() == "from the environment"


def test_a_secret_given_twice_missing_or_empty_is_a_fault(tmp_path: Path, file: Path) -> None:
    (tmp_path / "empty").touch()
    file.write_text(
        '[skyvern]\napi_key = "x"\napi_key_file = "y"\n[database]\nurl_file = "/nowhere"\n'
        f'[hooks.sms]\nprovider = "twilio"\nauth_token_file = "{tmp_path / "empty"}"\n'
    )
    assert faults(file) == [
        "FILE: skyvern.api_key_file: is given beside api_key: keep one of them",
        "FILE: database.url_file: /nowhere cannot be read: No such file or directory",
        f"FILE: hooks.sms.auth_token_file: {tmp_path / 'empty'} is empty",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[smpt]", "smpt: is no known key; did you mean smtp?"),
        (
            "[server]\nsmtp.domains = []",
            "server.smtp: stands under [server]: move it to the top of the file, above every [table]",
        ),
        ("[smtp]\nlisten_on = 1", "smtp.listen_on: is no known key; did you mean listen?"),
        (
            "[server]\nmax_held_requests = 1",
            ("server.max_held_requests: is no known key; did you mean http.max_held_requests?"),
        ),
        ("[server]\nzzz = 1", "server.zzz: is no known key"),
        ("smtp = 25", "smtp: should be a table"),
        ("[smtp]\nmax_connections = 0", "smtp.max_connections: should be greater than or equal to 1"),
        (
            '[smtp]\ndomains = ["user@a.example"]',
            ("smtp.domains.0: 'user@a.example' is no domain such as otp.example.com or *.example.com"),
        ),
        (
            '[http]\nproxies = ["proxy"]',
            "http.proxies.0: 'proxy' is no address or network such as 127.0.0.1 or 10.0.0.0/8",
        ),
        (
            '[server]\npublic_url = "otp.example.com"',
            ("server.public_url: should be an address such as https://otp.example.com, without ? and #"),
        ),
        (
            '[identifiers]\ndefault_region = "XX"',
            "identifiers.default_region: should be a country's two letters, such as US",
        ),
        ('[hooks.sms]\naccount_sid = "x"', "hooks.sms.provider: is missing"),
        (
            '[[trust.forwarders]]\nname = "x"\nnetwork = []',
            ("trust.forwarders.0.network: is no known key; did you mean networks?"),
        ),
    ],
)
def test_a_fault_names_its_file_its_key_and_what_it_should_be(file: Path, text: str, fault: str) -> None:
    file.write_text(text)
    assert faults(file) == [f"FILE: {fault}"]


def test_a_fault_of_the_environment_names_the_variable() -> None:
    assert faults(None, {"OTPGATE_SMTP__LISTEN": "25", "OTPGATE_HTTP_LISTEN": "x"}) == [
        "OTPGATE_HTTP_LISTEN: is not read; did you mean OTPGATE_HTTP__LISTEN?",
        "OTPGATE_SMTP__LISTEN: smtp.listen: '25' is no HOST:PORT such as 127.0.0.1:2525 or [::1]:2525",
    ]
    assert faults(None, {"OTPGATE_STMP__LISTEN": "x"}) == [
        "OTPGATE_STMP__LISTEN: stmp: is no known key; did you mean smtp?"
    ]


def test_a_database_without_its_driver_is_a_fault_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)  # as where the extra was not installed
    (fault,) = faults(None, {"OTPGATE_DATABASE__URL": "postgresql+psycopg://otpgate@db.example/otpgate"})
    assert "pip install '.[postgresql]'" in fault


def test_a_fault_never_shows_a_secret(file: Path) -> None:
    file.write_text('[database]\nurl = "mysql://user:swordfish@db"\n[skyvern]\napi_key = ["swordfish"]\n')
    assert "swordfish" not in str(faults(file))


def test_checks_are_asked_of_what_is_left_beside_faulty_keys(file: Path) -> None:
    file.write_text('[smtp]\nlisen = "x"\ndomains = ["a.example"]\n[trust]\nminimum = "high"\n')
    with pytest.raises(ConfigurationError) as caught:
        load(file, {}, {}, [lambda s: [("smtp.domains", str(s.smtp.domains)), ("trust.minimum", "again")]])
    assert len(caught.value.faults) == 3
    assert any("('a.example',)" in fault for fault in caught.value.faults)


@given(st.sampled_from(leaves()), st.text(max_size=30))
def test_any_text_for_any_key_is_taken_or_named(leaf: tuple[str, str], text: str) -> None:
    name = "OTPGATE_" + "__".join(leaf).upper()
    for fault in possible_faults({name: text}):
        assert fault.startswith(f"{name}: {'.'.join(leaf)}")


@pytest.mark.parametrize(
    ("listen", "address"),
    [
        ("127.0.0.1:25", ("127.0.0.1", 25)),
        ("[::1]:25", ("::1", 25)),
        (":25", ("", 25)),
        ("mx.example:0", ("mx.example", 0)),
    ],
)
def test_an_address_to_listen_on_has_a_host_and_a_port(listen: str, address: tuple[str, int]) -> None:
    assert split_address(listen) == address
