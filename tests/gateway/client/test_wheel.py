"""The client's own wheel, as a stranger's project gets it: without core and gateway, with the fixture."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CLIENT = Path(__file__).parents[3] / "gateway" / "client"
TEST = """
from otpgate_client import OtpGate
from otpgate_client.running import RunningGateway


def test_a_login(otpgate: RunningGateway) -> None:
    mailbox, number = otpgate.address(), otpgate.number()
    with otpgate.login(mailbox) as code:
        otpgate.send_mail(mailbox, "Your code is 482913.")
        assert code.wait() == "482913"
    otpgate.send_sms(number, "Your code is 705526.")
    assert otpgate.wait(number) == "705526"
    with OtpGate(otpgate.url, otpgate.key) as gate:
        assert gate.cursor()
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the contents of a freshly built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(CLIENT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with the wheel and without this checkout's client."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_holds_one_typed_package_and_nothing_else(installed: Path) -> None:
    tops = {entry.name for entry in installed.iterdir() if not entry.name.endswith(".dist-info")}
    assert tops == {"otpgate_client"}
    assert (installed / "otpgate_client" / "py.typed").exists()


def test_it_imports_nothing_of_the_gateway(installed: Path, tmp_path: Path) -> None:
    program = "import sys, otpgate_client.pytest_plugin; print(*sorted({n.split('.')[0] for n in sys.modules}))"
    loaded = run(installed, tmp_path, "-c", program).stdout.split()
    assert "otpgate_client" in loaded
    assert not {"core", "gateway", "flask", "sqlalchemy", "pydantic"} & set(loaded)


def test_a_strangers_test_has_the_fixture(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "test_theirs.py").write_text(TEST, encoding="utf-8")
    done = run(installed, tmp_path, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_strangers_types_are_checked(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "test_theirs.py").write_text(TEST, encoding="utf-8")
    wrong = TEST.replace("otpgate.login(mailbox)", "otpgate.login(mailbox, sendr=1)")
    (tmp_path / "test_wrong.py").write_text(wrong, encoding="utf-8")
    mypy = ["-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache")]
    assert run(installed, tmp_path, *mypy, "test_theirs.py").returncode == 0
    assert 'Unexpected keyword argument "sendr"' in run(installed, tmp_path, *mypy, "test_wrong.py").stdout
