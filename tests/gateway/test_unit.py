"""The systemd unit that comes with the package."""

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

import gateway

UNIT = Path(gateway.__file__).parent / "otpgate.service"


def test_it_opens_port_25_with_one_capability_and_in_a_sandbox() -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.read(UNIT, encoding="utf-8")
    service = unit["Service"]
    assert service["AmbientCapabilities"] == service["CapabilityBoundingSet"] == "CAP_NET_BIND_SERVICE"
    assert service["RestartPreventExitStatus"] == "78", "a bad configuration does not mend by itself"
    for sandbox in ("DynamicUser", "NoNewPrivileges", "PrivateTmp", "PrivateDevices", "RestrictNamespaces"):
        assert service[sandbox] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["ExecStart"].split()[1:3] == ["serve", "--config"]


def test_systemd_understands_it(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed (Debian: systemd)")
    there = UNIT.read_text(encoding="utf-8").replace("/opt/otpgate/bin/otpgate", "/bin/true")
    (tmp_path / UNIT.name).write_text(there, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / UNIT.name)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
