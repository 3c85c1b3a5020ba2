"""Several nodes on one PostgreSQL: one watches a mailbox, and another goes on when that one leaves."""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from core.configuration import load
from core.store import Mailbox
from gateway.runtime import Runtime, build
from tests.dovecot import PASSWORD, Dovecot
from tests.shelves import KEY

PATIENCE = 60.0


def until(done: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_another_node_reads_on_where_the_first_one_left(
    migrated_postgresql: str, dovecot: Dovecot, authority: Path, tmp_path: Path
) -> None:
    environment = {
        "OTPGATE_DATABASE__URL": migrated_postgresql,
        "OTPGATE_ENCRYPTION__KEY": KEY.text,
        "OTPGATE_MAILBOXES__CA_FILE": str(authority / "ca.pem"),
    }
    user = dovecot.add_user("shared@example.com")

    def node(name: str) -> Runtime:
        return build(load(None, environment, {"server.data_dir": str(tmp_path / name)}))

    first, second = node("first"), node("second")
    with closing(first.store), closing(second.store), closing(first.nodes), closing(second.nodes):
        now = first.clock()
        box = Mailbox(
            address=user,
            host="127.0.0.1",
            port=dovecot.port,
            login=user,
            secret={"password": PASSWORD},
            contact_at=now,
            created_at=now,
            changed_at=now,
        )
        first.store.mailboxes.put(box).result()

        def state() -> str:
            found = first.store.mailboxes.find(user, "INBOX")
            return found.state if found else ""

        def codes() -> list[str]:
            return [code.value for code in first.store.codes.recent(user, now)]

        first.workers["mailboxes"].start()
        until(lambda: state() == "watching")
        second.workers["mailboxes"].start()
        dovecot.deliver(user, "Your code is 111222")
        until(lambda: codes() == ["111222"])
        first.workers["mailboxes"].stop()
        dovecot.deliver(user, "Your code is 333444")
        until(lambda: set(codes()) == {"111222", "333444"})
        second.workers["mailboxes"].stop()
        assert len(codes()) == 2
        assert not first.workers["mailboxes"].alive
        first.store.mailboxes.remove(user, "INBOX").result()
