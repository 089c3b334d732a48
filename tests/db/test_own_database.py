"""`KYODO_DATABASE_URL`: a PostGIS of the office's own, with or without what the schema needs."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from api.commands.up import prepare
from api.settings import Settings
from geodata import migrate
from geodata.database import Audience, Database, login_of
from kyodo_geo.errors import InputError, UnavailableError
from tests.api.test_cli import kyodo
from tests.office_server import OfficeServer, office_server


@pytest.fixture
def office() -> Iterator[OfficeServer]:
    with office_server() as found:
        found.run("CREATE ROLE office_app LOGIN NOINHERIT")
        yield found


def variables(office: OfficeServer, name: str, owner: str, app: str = "office_app") -> dict[str, str]:
    return {
        "KYODO_DATABASE_URL": office.url(app, name),
        "KYODO_OWNER_DATABASE_URL": office.url(owner, name),
    }


def asked_for(text: str) -> list[str]:
    """The SQL in a refusal."""
    return [line for line in text.splitlines() if line.endswith(";")]


def test_an_owner_without_any_right_is_told_all_that_an_administrator_has_to_run(
    office: OfficeServer,
) -> None:
    office.run('CREATE ROLE "office-owner" LOGIN')
    name = office.new_database()
    given = variables(office, name, "office-owner")

    refused = kyodo("db", "upgrade", **given)
    assert refused.returncode == 1
    assert refused.stderr.startswith("エラー: データベースに足りないものがあり")
    assert "Traceback" not in refused.stderr
    wanted = asked_for(refused.stderr)
    assert f'GRANT CREATE ON DATABASE "{name}" TO "office-owner";' in wanted
    assert "CREATE EXTENSION IF NOT EXISTS postgis SCHEMA public;" in wanted
    assert "CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public;" in wanted
    assert 'GRANT kyodo_loader TO "office_app";' in wanted

    office.run(*wanted, dbname=name)  # type: ignore[arg-type]
    upgraded = kyodo("db", "upgrade", **given)
    assert upgraded.returncode == 0, upgraded.stderr
    assert migrate.differences(office.url("office-owner", name)) == []


def test_an_owner_who_may_creates_all_but_postgis_and_the_service_has_its_roles(
    office: OfficeServer,
) -> None:
    office.run("CREATE ROLE office_owner LOGIN CREATEROLE")
    name = office.new_database("office_owner")
    given = variables(office, name, "office_owner")

    refused = kyodo("db", "upgrade", **given)
    assert asked_for(refused.stderr) == ["CREATE EXTENSION IF NOT EXISTS postgis SCHEMA public;"]
    office.run("CREATE EXTENSION postgis", dbname=name)
    assert kyodo("db", "upgrade", **given).returncode == 0

    loaded = kyodo("sample", "load", **given)
    assert loaded.returncode == 0, loaded.stderr


def test_a_superuser_s_blank_database_is_made_ready_and_filled(office: OfficeServer) -> None:
    name = office.new_database()
    given = variables(office, name, "postgres")
    settings = Settings(
        database_url=given["KYODO_DATABASE_URL"], owner_database_url=given["KYODO_OWNER_DATABASE_URL"]
    )
    for _ in ("first", "second"):
        link, has_data = prepare(settings)
        assert "token=" in link
        assert has_data


def test_a_login_without_the_roles_is_told_what_to_run(office: OfficeServer) -> None:
    name = office.new_database()
    migrate.upgrade(office.url("postgres", name), login="office_app")
    office.run("CREATE ROLE another LOGIN NOINHERIT")

    refused = kyodo("sample", "load", **variables(office, name, "postgres", app="another"))
    assert refused.returncode == 1
    assert "「another」に、ロール kyodo_loader になる権限がありません" in refused.stderr
    assert "kyodo-geo db upgrade" in refused.stderr
    assert "Traceback" not in refused.stderr

    migrate.upgrade(office.url("postgres", name), login="another")
    database = Database(office.url("another", name))
    try:
        for audience in Audience:
            with database.read(audience) as conn:
                assert conn.execute("SELECT current_user AS who").fetchone() == {"who": audience.value}
    finally:
        database.close()


def test_a_database_without_the_schema_is_told_what_to_run(office: OfficeServer) -> None:
    name = office.new_database()
    for _ in ("no roles", "roles of another database"):
        refused = kyodo("sample", "load", **variables(office, name, "postgres"))
        assert refused.returncode == 1
        assert "kyodo-geo db upgrade" in refused.stderr
        assert "Traceback" not in refused.stderr
        migrate.upgrade(office.url("postgres", office.new_database()), login="office_app")


def test_a_login_that_does_not_exist_is_named(office: OfficeServer) -> None:
    with pytest.raises(UnavailableError, match=r"「nobody」.*サーバーにありません"):
        migrate.upgrade(office.url("postgres", office.new_database()), login="nobody")


def test_postgis_in_another_schema_is_named(office: OfficeServer) -> None:
    name = office.new_database()
    office.run("CREATE SCHEMA gis", "CREATE EXTENSION postgis SCHEMA gis", dbname=name)
    with pytest.raises(UnavailableError, match="postgis がスキーマ gis に入っています"):
        migrate.upgrade(office.url("postgres", name))


def test_a_server_without_postgis_is_named(office: OfficeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geodata.prerequisites.EXTENSIONS", ("postgis_of_tomorrow",))
    with pytest.raises(UnavailableError, match="サーバーに拡張機能 postgis_of_tomorrow がありません"):
        migrate.upgrade(office.url("postgres", office.new_database()))


def test_an_unreachable_server_is_the_same_sentence_everywhere() -> None:
    from tests.api.test_up import free_port

    given = {"KYODO_DATABASE_URL": "postgresql://app@127.0.0.1:1/kyodo"}
    other = kyodo("dataset", "list", **given)
    assert other.stderr.startswith("エラー: データベースに接続できません")
    for command in (["db", "upgrade"], ["up", "--port", str(free_port())]):
        refused = kyodo(*command, **given)
        assert other.stderr.strip() in refused.stderr
        assert refused.returncode == 1
        assert "Traceback" not in refused.stderr


def test_the_login_of_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    assert login_of("postgresql://a%40b:secret@db/kyodo") == "a@b"
    assert login_of("host=db user=app dbname=kyodo") == "app"
    monkeypatch.setenv("PGUSER", "from_environment")
    assert login_of("postgresql://db/kyodo") == "from_environment"
    with pytest.raises(InputError, match="接続先を読めません"):
        login_of("mysql//nonsense")


def test_a_lost_connection_is_no_traceback(office: OfficeServer) -> None:
    name = office.new_database()
    with (
        pytest.raises(UnavailableError, match="接続できません"),
        migrate._connection(office.url("postgres", name)) as connection,
    ):
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with psycopg.connect(office.url("postgres", name), autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(%s)", (pid,))
        connection.exec_driver_sql("SELECT 1")
