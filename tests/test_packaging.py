"""The wheel carries all that the program needs: it migrates and parses from an empty folder."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the contents of a freshly built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    target = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def otpgate(installed: Path, folder: Path, *arguments: str, stdin: str = "") -> str:
    """What `python -m gateway` of the wheel prints, run in an empty folder where the checkout is out of sight."""
    program = "import sys; sys.path.insert(0, sys.argv.pop(1)); import gateway.cli; gateway.cli.main()"
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, str(installed), *arguments],
        cwd=folder,
        env=os.environ | {"COLUMNS": "200"},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_the_two_packages_and_nothing_else(installed: Path) -> None:
    tops = {entry.name for entry in installed.iterdir() if not entry.name.endswith(".dist-info")}
    assert tops == {"core", "gateway"}
    assert not (installed / "gateway" / "client").exists()  # a wheel of its own


def test_its_migrations_run(installed: Path, tmp_path: Path) -> None:
    otpgate(installed, tmp_path, "migrate", "--data-dir", str(tmp_path / "data"))
    assert (tmp_path / "data" / "otpgate.db").exists()


def test_its_console_is_whole(installed: Path) -> None:
    web = Path("gateway", "web")
    for kind in ("templates", "static"):
        there = {file.relative_to(ROOT / web) for file in (ROOT / web / kind).rglob("*") if file.is_file()}
        assert there
        assert all((installed / web / file).exists() for file in there)


def test_its_words_of_the_languages_are_there(installed: Path, tmp_path: Path) -> None:
    message = {"id": "1", "from": "Acme", "to": "+15551230000", "text": "Dein Bestätigungscode lautet 482913."}
    answer = json.loads(otpgate(installed, tmp_path, "parse", "-", stdin=json.dumps(message) + "\n"))
    assert (answer["kind"], answer["value"]) == ("code", "482913")
