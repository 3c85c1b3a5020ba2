"""`make abuse`: attacks a running gateway and prints one table: attack, expected, seen."""

import sys
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).parent


class Attacks:
    """Collects what the tests say of their attacks."""

    def __init__(self) -> None:
        self.table = Table("attack", "expected", "seen", "", title="Attacks on a running gateway", show_lines=True)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Adds a row for an attack that was made, and for whatever could not be."""
        said = dict(report.user_properties)
        if report.when != "call" and report.outcome == "passed":
            return
        name = report.nodeid.rpartition("::test_")[2].replace("_", " ").replace("[", " [")
        outcome = {"passed": "held", "failed": "BROKEN", "skipped": "skipped"}[report.outcome]
        self.table.add_row(
            *(str(t).replace("[", r"\[") for t in (name, said.get("expected", ""), said.get("seen", ""))), outcome
        )


def main() -> int:
    """Runs every attack; 0 when all were held off."""
    attacks = Attacks()
    code = pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", str(FOLDER)], plugins=[attacks])
    Console(width=150 if not sys.stdout.isatty() else None).print(attacks.table)
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
