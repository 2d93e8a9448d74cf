"""One app per test on an SQLite file of its own."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import insert

from integration.store.db import Database
from integration.store.ids import new_id
from integration.store.tables import cart, conversion, snapshot
from integration.web import auth
from integration.web.app import create_app


def _seed_module() -> ModuleType:
    if "web_seed" not in sys.modules:
        spec = importlib.util.spec_from_file_location("web_seed", Path(__file__).parent / "seed.py")
        assert spec and spec.loader
        sys.modules["web_seed"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["web_seed"]


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 is slow on purpose; the tests are about everything else."""
    monkeypatch.setattr(auth, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def world() -> ModuleType:
    """The module with the invented shop."""
    return _seed_module()


@pytest.fixture
def database(world: ModuleType, tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    opened: Database = world.database(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def intake(world: ModuleType) -> Any:
    """What the webhooks put."""
    return world.Put()


@pytest.fixture
def clock(world: ModuleType) -> Any:
    """The time, movable."""
    return world.Clock()


@pytest.fixture
def client_for(world: ModuleType, database: Database, intake: Any, clock: Any) -> Callable[..., Any]:
    """A browser for an app with these choices, not signed in."""

    def make(ready: Callable[[], list[str]] = list, **config: Any) -> Any:
        app = create_app(world.deps(database, intake, clock, ready, **config))
        return world.Browser(app)

    return make


@pytest.fixture
def client(client_for: Callable[..., Any]) -> Any:
    """A browser, not signed in."""
    return client_for()


@pytest.fixture
def seeded(world: ModuleType, database: Database) -> Any:
    """The invented fortnight."""
    return world.Seed(database).everything()


@pytest.fixture
def sign_in(world: ModuleType, database: Database) -> Callable[..., Any]:
    """Signs a browser in."""

    def enter(client: Any, language: str = "de") -> Any:
        auth.set_password(database, world.deps(database, None, world.Clock()).vault, world.PASSWORD, world.NOW)
        headers = {"origin": "http://testserver", "accept-language": language}
        answer = client.post("/login", data={"password": world.PASSWORD, "next": "/"}, headers=headers)
        assert answer.status_code == 303, answer.text
        client.headers["origin"] = "http://testserver"
        return client

    return enter


@pytest.fixture
def inside(client: Any, sign_in: Callable[..., Any]) -> Any:
    """A signed-in browser, in German."""
    return sign_in(client)


@pytest.fixture
def csrf(database: Database) -> Callable[[], str]:
    """The form token of the one session."""

    def read() -> str:
        with database.read() as connection:
            return str(connection.exec_driver_sql("SELECT csrf FROM session").scalar())

    return read


@pytest.fixture
def add_cart(world: Any, seeded: Any, database: Any) -> Callable[..., str]:
    """Puts a cart and its snapshot into the invented shop."""

    def put(state: str, first_name: str = "Lena", hours: float = 2, **more: Any) -> str:
        id_, at = new_id(), world.NOW - timedelta(hours=hours)
        facts = {
            "first_name": first_name, "last_name": "Krüger", "phone": "0171 3920007",
            "items": [{"name": f"Kaffee {n}", "quantity": n} for n in range(1, 6)],
        }  # fmt: skip
        key = f"{world.SHOP}/cart/{id_}"
        row = {
            "id": id_, "shop": world.SHOP, "state": state, "named": True, "snapshot_key": key, "began_at": at,
            "changed_at": at, "abandoned_at": None if state == "active" else at + timedelta(hours=1),
            "ordered_at": at + timedelta(hours=2) if state in ("ordered", "recovered") else None,
            "order_id": "1234" if state in ("ordered", "recovered") else "", "total": "1234.50", "currency": "EUR",
            "parts": [],
        }  # fmt: skip
        with database.write() as connection:
            connection.execute(insert(cart), [row | more])
            stored = {"key": key, "shop": world.SHOP, "object_type": "cart", "object_id": id_, "version": at}
            connection.execute(insert(snapshot), [stored | {"content_hash": "", "facts": facts, "first_seen_at": at}])
        return id_

    return put


@pytest.fixture
def add_order(world: Any, database: Any) -> Callable[..., None]:
    """An order that came of a cart."""

    def put(cart_id: str, how: str, amount: str = "20.00", hours: float = 1, **more: Any) -> None:
        at = world.NOW - timedelta(hours=hours)
        row = {
            "shop": world.SHOP, "order_id": new_id(), "cart_id": cart_id, "how": how, "amount": Decimal(amount),
            "currency": "EUR", "at": at, "recorded_at": at, "undone_at": None,
        }  # fmt: skip
        with database.write() as connection:
            connection.execute(insert(conversion), [row | more])

    return put
