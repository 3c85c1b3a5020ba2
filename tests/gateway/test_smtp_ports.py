"""The SMTP door as configured."""

from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings
from gateway.certificate import certificate_of
from gateway.smtp import Port
from gateway.smtp_ports import bounds, openings, unusable_ports
from tests.peers import make_certificate


def settings(**smtp: Any) -> Settings:
    return Settings.model_validate({"smtp": smtp})


def faults(**smtp: Any) -> list[str]:
    return [key for key, _ in unusable_ports(settings(**smtp))]


def test_each_port_has_its_custom() -> None:
    found = openings(settings(tls_listen="127.0.0.1:465", proxy_listen="127.0.0.1:26", balancers=["10.0.0.0/8"]))
    assert [opening.key for opening in found] == ["smtp.listen", "smtp.tls_listen", "smtp.proxy_listen"]
    assert found[0].port == Port()
    assert found[1].port.implicit_tls
    assert found[2].port.lists("10.1.2.3")
    assert not found[2].port.lists("192.0.2.1")
    assert [opening.key for opening in openings(Settings())] == ["smtp.listen"]


def test_a_port_for_balancers_needs_to_know_them() -> None:
    assert faults(proxy_listen="127.0.0.1:26") == ["smtp.balancers"]
    assert faults(proxy_listen="127.0.0.1:26", balancers=["127.0.0.1"]) == []


@pytest.mark.parametrize("smtp", [{"tls_listen": "127.0.0.1:465"}, {"require_tls": True}])
def test_tls_needs_a_certificate(smtp: dict[str, Any]) -> None:
    assert faults(**smtp) == [f"smtp.{key}" for key in smtp]


def test_a_certificate_that_cannot_be_used_is_found_before_the_start(tmp_path: Path) -> None:
    file, key = make_certificate(tmp_path, "gw.example")
    good = {"certificate": str(file), "certificate_key": str(key), "require_tls": True}
    assert faults(**good) == []
    assert certificate_of(str(file), str(key)) is not None
    assert certificate_of("", "") is None
    assert faults(certificate=str(file)) == ["smtp.certificate_key"]
    assert faults(certificate=str(tmp_path / "gone"), certificate_key=str(key)) == ["smtp.certificate"]
    file.write_text("nonsense")
    assert faults(**good) == ["smtp.certificate"]


def test_the_banner_names_the_first_domain_that_is_a_host() -> None:
    assert bounds(settings(domains=["*.gw.example", "gw.example"])).name == "gw.example"
    assert bounds(Settings()).name == "otpgate"
