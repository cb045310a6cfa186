"""One database, by one URL: opening it, and bringing its tables up to date."""

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from infraai.errors import RegistryError, SettingsError
from infraai.registry.tables import heads

HEAD = "0002"


def database_url(home: Path, setting: str | None) -> str:
    """Return the URL to use: the setting's, or a SQLite file in the home directory."""
    if setting:
        return setting
    return f"sqlite:///{home / 'registry.db'}"


def async_url(url: str) -> str:
    """Return the URL with the async driver of its database; raise `SettingsError` for one we do not speak."""
    scheme, _, rest = url.partition("://")
    drivers = {
        "sqlite": "sqlite+aiosqlite",
        "postgresql": "postgresql+psycopg",
        "postgres": "postgresql+psycopg",
    }
    kind = scheme.partition("+")[0]
    if kind not in drivers or not rest:
        raise SettingsError(
            f"DATABASE_URL has the scheme {scheme!r}.",
            next_step="Use sqlite:///FILE or postgresql://HOST/NAME.",
        )
    if kind != "sqlite" and find_spec("psycopg") is None:
        raise SettingsError(
            "DATABASE_URL names PostgreSQL, whose driver is not installed.",
            next_step="pip install 'psycopg[binary]'",
        )
    return f"{drivers[kind]}://{rest}"


def open_engine(url: str) -> AsyncEngine:
    """Return an engine; SQLite is set to WAL, full synchronisation and a patient lock."""
    engine = create_async_engine(async_url(url))
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


@asynccontextmanager
async def writing(engine: AsyncEngine, what: str) -> AsyncGenerator[AsyncConnection, None]:
    """Give a transaction; raise `RegistryError` where what must be remembered cannot be."""
    try:
        async with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise RegistryError(
            f"{what} cannot be written ({type(error).__name__}).",
            next_step="Nothing was done. See whether the database is there, writable and has room.",
        ) from error


async def insert_once(engine: AsyncEngine, what: str, insert: sa.Insert) -> bool:
    """Insert a row and return True, or False where one with its unique key is there already."""
    try:
        async with writing(engine, what) as connection:
            await connection.execute(insert)
    except RegistryError as error:
        if isinstance(error.__cause__, IntegrityError):
            return False
        raise
    return True


async def take_turn(connection: AsyncConnection, name: str) -> int:
    """Let this transaction's writes under a name come after those of every other, and return which turn it is.

    Nothing may be read before it in the transaction: only then does no other write come between.
    """
    turn = heads.update().where(heads.c.name == name).values(seq=heads.c.seq + 1)
    if (await connection.execute(turn)).rowcount == 0:
        raise RegistryError(
            f"The registry has lost its line for {name!r}.", next_step="Restore the database from a copy."
        )
    return int((await connection.execute(sa.select(heads.c.seq).where(heads.c.name == name))).scalar_one())


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def migrate(url: str) -> None:
    """Bring the tables to the newest version; costs one query where they are there already."""
    async_url(url)  # says what is wrong with it
    if _at_head(url):
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("infraai.registry").joinpath("migrations")))
    config.attributes["url"] = url
    command.upgrade(config, "head")


def _at_head(url: str) -> bool:
    path = url.removeprefix("sqlite:///")
    if path != url:
        if not Path(path).exists():
            Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            Path(path).touch(mode=0o600)
            return False
        with sqlite3.connect(path, timeout=10) as connection:
            return _sqlite_version(connection) == HEAD
    engine = sa.create_engine(
        url.replace("postgres://", "postgresql://").replace("postgresql://", "postgresql+psycopg://")
    )
    try:
        with engine.connect() as connection_pg:
            if not sa.inspect(connection_pg).has_table("alembic_version"):
                return False
            return bool(connection_pg.scalar(sa.text("SELECT version_num FROM alembic_version")) == HEAD)
    finally:
        engine.dispose()


def _sqlite_version(connection: sqlite3.Connection) -> str | None:
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    if not known:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None
