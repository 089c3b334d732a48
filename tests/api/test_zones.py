"""Two zones on two private clusters: what goes across, what cannot, and that both sides answer the public alike."""

from __future__ import annotations

import html
import json
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from starlette.testclient import TestClient

from api import zones
from api.access_table import ACCESS, EVERYBODY
from api.app import create_app
from api.settings import Settings
from geodata.database import Database
from geodata.migrate import head
from geodata.publishing import check, keys
from geodata.publishing.exporting import Exported, export
from geodata.publishing.importing import Imported, take_in
from kyodo_geo.errors import ConflictError, InputError
from tests import zones_world as world
from tests.api.conftest import PAGE, client_of, once_more
from tests.fixtures_db import DatabaseUrls
from tests.zones_world import CODE, Side


@dataclass(frozen=True)
class Crossing:
    """The two sides and the keys between them."""

    internal: DatabaseUrls
    public: Side
    folder: Path

    @property
    def private_key(self) -> Path:
        return self.folder / "private.pem"

    @property
    def public_key(self) -> Path:
        return self.folder / "public.pem"

    def package(self, name: str, *, private_key: Path | None = None, after: int = 0) -> Exported:
        database = Database(self.internal.app, max_size=2)
        try:
            return export(
                database, CODE, self.folder / name, private_key or self.private_key, schema=head(), program="test",
                by="test", after=after,
            )  # fmt: skip
        finally:
            database.close()

    def carry(self, file: Path, **others: object) -> Imported:
        wanted: dict[str, object] = {
            "municipality": CODE,
            "schema": head(),
            "by": "test",
            "max_bytes": 1 << 30,
        }
        return take_in(self.public.town.owner, file, [self.public_key], **(wanted | others))  # type: ignore[arg-type]

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """Of the public side, as a superuser."""
        with psycopg.connect(self.public.town.superuser) as conn:
            return conn.execute(query.encode()).fetchall()


@pytest.fixture(scope="module")
def crossing(sample_town: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crossing]:
    folder = tmp_path_factory.mktemp("zones")
    world.plant(sample_town)
    with world.fresh_side() as public:
        found = Crossing(sample_town, public, folder)
        keys.generate(found.private_key, found.public_key)
        yield found


@pytest.fixture(scope="module")
def first(crossing: Crossing) -> Exported:
    """The first package, taken in."""
    made = crossing.package("first.zip")
    assert crossing.carry(made.file).applied
    return made


def settings(town: DatabaseUrls, **values: object) -> Settings:
    return Settings(
        database_url=town.app, owner_database_url=town.owner, database_pool_size=4, zone="public", **values
    )  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def both(crossing: Crossing, first: Exported) -> Iterator[tuple[TestClient, TestClient]]:
    """The public zone's program on the internal side's data, where it would never start, and on the public side's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "refuse_internal_data", lambda database: None)
        world.forget_drafts(crossing.internal)
        with client_of(create_app(settings(crossing.internal))) as inner:
            patch.undo()
            with client_of(create_app(settings(crossing.public.town))) as outer:
                yield inner, outer


# -- what goes across ------------------------------------------------------------------------------------------------


def test_the_secrets_are_in_the_internal_side(crossing: Crossing) -> None:
    """Otherwise nothing below proves anything."""
    with psycopg.connect(crossing.internal.superuser) as conn:
        conn.execute("SET search_path = kyodo")
        for query in (
            "SELECT FROM association_contact WHERE name LIKE '秘密の値%'",
            "SELECT FROM kyodo_vacant.vacant_house WHERE address LIKE '秘密の値%'",
            "SELECT FROM membership WHERE denominator_source LIKE '秘密の値%'",
            "SELECT FROM facility_year WHERE source LIKE '秘密の値%'",
            "SELECT FROM officer WHERE person_name LIKE '秘密の値%'",
        ):
            assert conn.execute(query.encode()).fetchone() is not None, query
        assert conn.execute("SELECT FROM hall").fetchone() is not None


def test_nothing_that_must_not_leave_is_on_the_public_side(crossing: Crossing, first: Exported) -> None:
    """The package unpacked, the whole database as text, and every file of the side's folder."""
    with zipfile.ZipFile(first.file) as archive:
        told = "".join(archive.read(name).decode() for name in archive.namelist())
    dumped = crossing.public.dump()
    assert "見本" in told
    assert "見本" in dumped
    assert world.secrets_in(told) == []
    assert world.secrets_in(dumped) == []
    kept = world.staff_values(crossing.internal)
    assert len(kept) > 300
    with psycopg.connect(crossing.internal.superuser) as conn:
        row = conn.execute(
            "SELECT association_id, fiscal_year, households, member_households FROM kyodo.membership LIMIT 1"
        )
        planted = world.values_of(str(row.fetchone()))
    assert planted & kept, "a row of figures would be found"
    assert kept & (world.values_of(told) | world.values_of(dumped)) == set()


def test_what_is_inside_is_plain_text(first: Exported) -> None:
    with zipfile.ZipFile(first.file) as archive:
        for name in archive.namelist():
            assert re.fullmatch(r"[A-Za-z_/0-9-]+\.(csv|json|txt)", name), name
            assert not re.search(r"[\0-\x08\x0b\x0c\x0e-\x1f]", archive.read(name).decode("utf-8")), name
        assert json.loads(archive.read("manifest.json"))["generation"] == first.manifest.generation_no
    assert first.file.stat().st_mode & 0o777 == 0o600


def test_shapes_arrive_to_the_last_bit(crossing: Crossing, first: Exported) -> None:
    query = (
        "SELECT md5(string_agg(ST_AsBinary(geom)::text, '' ORDER BY association_id)), "
        "md5(string_agg(ST_AsBinary(geom_mercator)::text, '' ORDER BY association_id)) FROM kyodo.association_area "
        "WHERE dataset_id < 9000"
    )
    with psycopg.connect(crossing.internal.superuser) as conn:
        assert crossing.ask(query) == conn.execute(query.encode()).fetchall()


def addresses(town: DatabaseUrls) -> set[str]:
    """Every public GET of the table, with what the sample has for its parameters."""
    with psycopg.connect(town.superuser) as conn:
        facility = conn.execute(
            "SELECT min(facility_id) FROM kyodo.facility_site WHERE dataset_id < 9000"
        ).fetchone()
    assert facility is not None
    values = {
        "{no}": ["1", "7"],
        "{association_id}": ["sample-0001", "sample-0040"],
        "{facility_id}": [facility[0]],
        "{scenario_id}": ["sample-gather"],
        "{indicator_id}": ["membership-rate"],
        "{collection_id}": ["districts", "associations", "facilities", "projects"],
        "{name}": ["membership", "projects", "plan-adoption", "facility-coverage", "indicators", "events"],
    }
    found = set()
    for (method, template), roles in ACCESS.items():
        if method != "GET" or roles != EVERYBODY or "{path:path}" in template or template in PROCESSES:
            continue
        known = [name for name in values if name in template]
        rest = re.sub("|".join(map(re.escape, known)), "", template) if known else template
        if "{" in rest:
            continue
        paths = {template}
        for name in known:
            paths = {path.replace(name, value) for path in paths for value in values[name]}
        found |= paths
    return found | {
        "/districts/7?year=2019",
        "/api/v1/districts?as_of=2026-01-01",
        "/api/v1/lookup?lon=141.1527&lat=39.7036",
        "/api/v1/small-areas?bbox=141.10,39.70,141.12,39.71",
        "/maps/membership?compare_year=2019",
        "/maps/membership.js?compare_year=2019",
        "/ogc/collections/associations/items?limit=500",
        "/ogc/collections/districts/items?limit=100",
        "/ogc/collections/districts/tiles/WebMercatorQuad/11/774/1827",
        "/ogc/collections/associations/tiles/WebMercatorQuad/13/3096/7308",
        "/opendata/generations/1/associations.csv",
    }


SECOND = re.compile(
    r"/7$|/7\.csv|sample-0040|/collections/(facilities|projects)/|/events|/projects\.(csv|geojson)|/gaps|/closing"
)
PROCESSES = frozenset(
    {
        "/associations/{association_id}/leaflet.pdf",
        "/associations/{association_id}/fax-sheet.pdf",
        "/fax-sheet.pdf",
        "/facilities/{facility_id}/sheet.pdf",
        "/facilities/{facility_id}/close.pdf",
        "/facilities/scenarios/{scenario_id}/report.pdf",
        "/progress/report.pdf",
        "/progress/report.xlsx",
    }
)
"""Made from what the pages show, by processes of their own: left to the long matrix."""


def alike(inner: TestClient, outer: TestClient, path: str) -> str | None:
    """What differs between the two answers; None: nothing."""
    answers = [client.get(path, headers=PAGE) for client in (inner, outer)]
    codes = [answer.status_code for answer in answers]
    if codes[0] != codes[1] or codes[0] >= 500:
        return f"{path}: {codes}"
    bodies = [neutral(answer.content) for answer in answers]
    if bodies[0] == bodies[1]:
        return None
    at = next(
        (i for i, pair in enumerate(zip(*bodies, strict=False)) if pair[0] != pair[1]), min(map(len, bodies))
    )
    return f"{path}: {bodies[0][at - 60 : at + 60]!r} / {bodies[1][at - 60 : at + 60]!r}"


def neutral(body: bytes) -> bytes:
    """Without the token of a form and the number of the request on an error's page, which are new each time."""
    body = re.sub(rb'name="(csrf_token|form_id)" value="[^"]*"', b"", body)
    return re.sub(rb'<code>[0-9a-f]{16}</code>|"request_id":"[0-9a-f]{16}"', b"", body)


def test_both_sides_answer_the_public_alike(crossing: Crossing, both: tuple[TestClient, TestClient]) -> None:
    """Byte by byte: pages, JSON, CSV, scripts, tiles, the OGC API and dumps."""
    paths = addresses(crossing.internal)
    assert len(paths) > 120
    # Each template with one value for each parameter; the long matrix asks for the rest.
    paths = {path for path in paths if not SECOND.search(path)}
    different = [told for path in sorted(paths) if (told := alike(*both, path))]
    assert different == [], "\n".join(different)


@pytest.mark.full
def test_both_sides_answer_alike_wherever_a_link_leads(
    crossing: Crossing, both: tuple[TestClient, TestClient]
) -> None:
    inner, outer = both
    todo, seen, told = addresses(crossing.internal), set[str](), []
    while todo - seen and len(seen) < 4000:
        path = (todo - seen).pop()
        seen.add(path)
        different = alike(inner, outer, path)
        if different:
            told.append(different)
            continue
        answer = outer.get(path, headers=PAGE)
        if "html" in answer.headers.get("content-type", ""):
            todo |= {
                link
                for link in map(html.unescape, re.findall(r'(?:href|src)="(/[^"#]*)', answer.text))
                if not link.startswith(("/static", "/leaflet", "/map-static")) and not once_more(link)
            }
    assert len(seen) > 600
    assert told == []


def test_withheld_figures_are_withheld_and_known_as_such(crossing: Crossing, first: Exported) -> None:
    assert crossing.ask("SELECT count(*) FROM kyodo.membership") == [(0,)]
    rows = crossing.ask(
        "SELECT count(*), count(*) FILTER (WHERE suppressed) FROM kyodo.district_membership('03201', 1)"
    )
    with psycopg.connect(crossing.internal.superuser) as conn:
        assert (
            rows
            == conn.execute(
                "SELECT count(*), count(*) FILTER (WHERE suppressed) FROM kyodo.district_membership('03201', 1)"
            ).fetchall()
        )
    assert rows[0][1] != 0


def test_how_many_came_to_a_small_event_goes_across_as_withheld(crossing: Crossing, first: Exported) -> None:
    with zipfile.ZipFile(first.file) as archive:
        (head, *rows) = archive.read("data/event.csv").decode().splitlines()
        sizes = archive.read("figures/published_event_size.csv").decode().splitlines()
    assert "participants" not in head and any(",few," in row for row in rows), "the event itself goes"
    assert [row for row in sizes if ",few," in row or ",next," in row] == ["03201,few,,t", "03201,next,,t"]
    assert "03201,sample-event-2,22,f" in sizes
    assert crossing.ask("SELECT count(*), count(participants) FROM kyodo.event")[0][1] == 0
    assert crossing.ask("SELECT event_id, participants FROM kyodo.event_sizes('03201') WHERE withheld") == [
        ("few", None), ("next", None),
    ]  # fmt: skip


def test_a_listed_house_goes_across_without_what_the_survey_judged(
    crossing: Crossing, first: Exported
) -> None:
    assert crossing.ask("SELECT house_id, address, ends_on::text FROM kyodo.published_house") == [
        ("vacant-001", world.LISTED, "2199-01-01")
    ]
    assert crossing.ask("SELECT count(*) FROM kyodo.listed_houses('03201')") == [(1,)]
    with psycopg.connect(crossing.public.town.superuser) as conn:
        conn.execute("UPDATE kyodo.published_house SET ends_on = current_date - 1")
        row = conn.execute("SELECT count(*) FROM kyodo.listed_houses('03201')").fetchone()
        conn.rollback()
    assert row == (0,)


# -- the package -----------------------------------------------------------------------------------------------------


def state(crossing: Crossing) -> list[tuple[object, ...]]:
    return crossing.ask(
        "SELECT (SELECT count(*) FROM kyodo.publication), (SELECT revision FROM kyodo.municipality), "
        "(SELECT count(*) FROM kyodo.block), (SELECT count(*) FROM kyodo.project), "
        "(SELECT string_agg(tgname || tgenabled::text, ',' ORDER BY tgrelid, tgname) FROM pg_trigger)"
    )


def repacked(source: Path, target: Path, **change: bytes | None) -> Path:
    """The package unpacked and packed again as a gateway does, with parts changed (None: left out)."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as new:
        names = {name.replace("/", "__").replace(".", "_"): name for name in old.namelist()}
        for key, name in names.items():
            content = change.get(key, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for key, content in change.items():
            if key not in names and content is not None:
                new.writestr(key.replace("__", "/").replace("_csv", ".csv").replace("_py", ".py"), content)
    return target


def test_the_same_package_again_changes_nothing(crossing: Crossing, first: Exported) -> None:
    before = state(crossing)
    assert crossing.carry(first.file).applied is False
    assert state(crossing) == before


def test_a_gateway_may_unpack_and_pack_it_again(crossing: Crossing, first: Exported) -> None:
    again = repacked(first.file, crossing.folder / "gateway.zip")
    assert again.read_bytes() != first.file.read_bytes()
    assert crossing.carry(again).applied is False, "it is the same package"


def _altered(archive: Path, name: str, old: bytes, new: bytes) -> bytes:
    with zipfile.ZipFile(archive) as opened:
        content = opened.read(name)
    assert old in content
    return content.replace(old, new, 1)


REFUSED: dict[str, tuple[Callable[[Path], dict[str, bytes | None]], str]] = {
    "a changed figure": (
        lambda p: {"data__project_csv": _altered(p, "data/project.csv", b"1", b"2")},
        "ハッシュと合いません",
    ),
    "a part that grew": (
        lambda p: {"data__plan_csv": _altered(p, "data/plan.csv", b"\n", b"\n" * 100_000)},
        "ハッシュと合いません",
    ),
    "a part left out": (lambda p: {"data__plan_csv": None}, "あるはずのファイルがありません"),
    "a table more": (lambda p: {"data__membership_csv": b"x\n"}, "一覧にない"),
    "a program inside": (lambda p: {"macro_py": b"x"}, "ないはずのファイル"),
    "a path out of it": (lambda p: {"..__..__etc__x_csv": b"x"}, "ないはずのファイル"),
    "a changed list": (
        lambda p: {"manifest_json": _altered(p, "manifest.json", b'"sequence": ', b'"sequence": 9')},
        "署名が合いません",
    ),
    "no signature": (lambda p: {"signature_json": None}, "signature.json がありません"),
    "another's signature": (
        lambda p: {
            "signature_json": b'{"algorithm": "Ed25519", "key": "0000000000000000", "signature": "AA=="}'
        },
        "受け入れていない鍵",
    ),
    "a signature that is none": (lambda p: {"signature_json": b"[" * 1_900}, "JSON"),
    "a huge signature": (lambda p: {"signature_json": b" " * 100_000}, "大きすぎます"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_package_that_is_not_as_it_was_signed_is_refused(
    crossing: Crossing, first: Exported, what: str, tmp_path: Path
) -> None:
    change, sentence = REFUSED[what]
    before = state(crossing)
    with pytest.raises(InputError) as caught:
        crossing.carry(repacked(first.file, tmp_path / "x.zip", **change(first.file)), rebuild=True)
    assert sentence in caught.value.message
    assert state(crossing) == before


def test_what_is_no_package_is_refused(crossing: Crossing, first: Exported, tmp_path: Path) -> None:
    whole = first.file.read_bytes()
    for name, content in {
        "empty": b"",
        "text": b"x" * 1000,
        "cut": whole[: len(whole) // 2],
        "cut2": whole[:-30],
    }.items():
        file = tmp_path / name
        file.write_bytes(content)
        with pytest.raises(InputError):
            crossing.carry(file)
    with pytest.raises(InputError, match="読めません"):
        crossing.carry(tmp_path / "nosuch")
    with pytest.raises(InputError, match="上限"):
        crossing.carry(first.file, max_bytes=1000, rebuild=True)


@pytest.mark.parametrize("how", ["bzip2", "lzma", "spoilt"])
def test_a_package_packed_in_another_way_or_spoilt_inside_is_refused(
    crossing: Crossing, first: Exported, tmp_path: Path, how: str
) -> None:
    file = tmp_path / "x.zip"
    if how == "spoilt":
        content = bytearray(first.file.read_bytes())
        with zipfile.ZipFile(first.file) as opened:
            at = opened.getinfo("manifest.json").header_offset
        begin = at + 30 + sum(struct.unpack_from("<HH", content, at + 26))
        content[begin : begin + 8] = b"\xff" * 8
        file.write_bytes(content)
    else:
        method = zipfile.ZIP_BZIP2 if how == "bzip2" else zipfile.ZIP_LZMA
        with zipfile.ZipFile(first.file) as old, zipfile.ZipFile(file, "w", method) as new:
            for name in old.namelist():
                new.writestr(name, old.read(name))
    with pytest.raises(InputError, match="壊れて" if how == "spoilt" else "圧縮"):
        crossing.carry(file)


def test_it_must_be_of_this_city_and_this_schema(crossing: Crossing, first: Exported) -> None:
    with pytest.raises(ConflictError, match="市区町村コード"):
        crossing.carry(first.file, municipality="22212")
    with pytest.raises(ConflictError, match="スキーマの版"):
        crossing.carry(first.file, schema="0001")


def test_a_newer_package_replaces_and_an_older_one_needs_a_reason(
    crossing: Crossing, first: Exported
) -> None:
    with psycopg.connect(crossing.internal.superuser) as conn:
        conn.execute(
            "DELETE FROM kyodo.project WHERE project_id = (SELECT max(project_id) FROM kyodo.project)"
        )
        conn.execute("UPDATE kyodo.municipality SET contact_phone = '019-000-0000'")
    projects = crossing.ask("SELECT count(*) FROM kyodo.project")[0][0]
    revision = crossing.ask("SELECT revision FROM kyodo.municipality")[0][0]
    second = crossing.package("second.zip")
    done = crossing.carry(second.file)
    assert (done.applied, done.sequence) == (True, first.manifest.sequence + 1)
    assert crossing.ask("SELECT count(*) FROM kyodo.project") == [(int(str(projects)) - 1,)]
    assert crossing.ask("SELECT contact_phone, revision FROM kyodo.municipality") == [
        ("019-000-0000", int(str(revision)) + 1)
    ]
    with pytest.raises(ConflictError, match="新しくありません"):
        crossing.carry(first.file)
    assert crossing.carry(first.file, force_reason="試験").applied
    assert crossing.ask("SELECT count(*) FROM kyodo.project") == [(projects,)]
    with pytest.raises(ConflictError, match="新しくありません"):
        crossing.carry(second.file)  # the highest number that ever came counts, not the last
    assert crossing.carry(second.file, force_reason="試験の後").applied
    told = crossing.ask(
        "SELECT action, details->>'reason' FROM kyodo.audit WHERE action = 'publish.import' ORDER BY entry_no DESC LIMIT 2"
    )
    assert told == [("publish.import", "試験の後"), ("publish.import", "試験")]


def test_keys_can_be_rotated(crossing: Crossing, first: Exported, tmp_path: Path) -> None:
    private, public = tmp_path / "new.pem", tmp_path / "new.pub"
    keys.generate(private, public)
    made = crossing.package("rotated.zip", private_key=private)
    with pytest.raises(InputError, match="受け入れていない鍵"):
        crossing.carry(made.file)
    done = take_in(
        crossing.public.town.owner, made.file, [crossing.public_key, public], municipality=CODE, schema=head(), by="test",
        max_bytes=1 << 30,
    )  # fmt: skip
    assert (done.applied, done.key_id) == (True, made.key_id)
    private.chmod(0o640)
    with pytest.raises(InputError, match="chmod 600"):
        crossing.package("never.zip", private_key=private)
    assert not (crossing.folder / "never.zip").exists()
    assert list(crossing.folder.glob(".never*")) == []
    with pytest.raises(ConflictError, match="上書き"):
        keys.generate(private, tmp_path / "other")


def test_the_internal_side_takes_in_no_package(crossing: Crossing, first: Exported) -> None:
    """Whatever the settings say: a database that makes packages is never written over by one."""
    with pytest.raises(ConflictError):
        take_in(
            crossing.internal.owner, first.file, [crossing.public_key], municipality=CODE, schema=head(), by="test",
            max_bytes=1 << 30,
        )  # fmt: skip
    with psycopg.connect(crossing.internal.superuser) as conn:
        assert conn.execute("SELECT FROM kyodo.membership").fetchone() is not None


def test_an_import_that_ends_in_the_middle_leaves_what_was_there(
    crossing: Crossing, first: Exported, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server loses the connection after half of the tables: as a kill, a crash or a pulled cable."""
    made = crossing.package("killed.zip")
    before = state(crossing)

    def pulled(table: str) -> None:
        if table == "project":
            with psycopg.connect(crossing.public.town.superuser, autocommit=True) as conn:
                conn.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kyodo-geo-publish'"
                )

    with pytest.raises(psycopg.OperationalError):
        crossing.carry(made.file, rebuild=True, on_step=pulled)
    assert state(crossing) == before
    assert crossing.carry(made.file).applied


# -- the public zone as a service -----------------------------------------------------------------------------------


def test_it_does_not_start_on_internal_data(crossing: Crossing) -> None:
    with pytest.raises(ConflictError) as caught, TestClient(create_app(settings(crossing.internal))):
        pass
    for table in (
        "kyodo.membership",
        "kyodo_vacant.vacant_house",
        "kyodo.hall",
        "kyodo.dataset",
        "kyodo.user_role",
    ):
        assert table in caught.value.message or table == "kyodo.user_role"


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("UPDATE kyodo.officer SET person_name = 'x'", "kyodo.officer"),
        ("UPDATE kyodo.association_contact SET published = false", "kyodo.association_contact"),
        ("UPDATE kyodo.unit_cost SET note = 'x'", "kyodo.unit_cost"),
        (
            ("INSERT INTO kyodo.app_user (municipality_code, login, display_name) VALUES ('03201', 'a', 'a'); "
            "INSERT INTO kyodo.user_role (municipality_code, user_id, role, granted_by) "
            "SELECT '03201', user_id, 'planner', 'x' FROM kyodo.app_user"),
            "kyodo.user_role",
        ),
    ],
)  # fmt: skip
def test_one_row_too_many_is_enough_not_to_start(
    crossing: Crossing, first: Exported, statement: str, table: str
) -> None:
    with psycopg.connect(crossing.public.town.superuser) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute(statement.encode())
        with pytest.raises(ConflictError) as caught:
            check.refuse_in_transaction(conn)  # type: ignore[arg-type]
        conn.rollback()
    assert caught.value.details["tables"] != []
    assert table in caught.value.message


@pytest.fixture(scope="module")
def outer(both: tuple[TestClient, TestClient]) -> TestClient:
    return both[1]


def filled(template: str) -> str:
    return re.sub(r"\{[^}]*\}", "1", template)


def test_every_route_that_is_not_the_publics_is_not_there(outer: TestClient) -> None:
    """Walked over the whole table of access, also for those who claim to be somebody."""
    there = zones.open_routes(pages=False, partners=False)
    walked = 0
    for method, template in ACCESS:
        if (method, template) in there:
            continue
        walked += 1
        for accept in (PAGE, {"accept": "application/json", "authorization": "Bearer kyodo_x"}):
            answer = outer.request(method, filled(template), headers=accept)
            wanted = 403 if (method, template) in zones.PAGE_TICKETS else 404
            if "\x00" not in template and answer.status_code == 405:
                continue  # another method of the same address is the public's
            assert answer.status_code == wanted, (method, template, answer.status_code)
            said = zones.NOT_TAKEN if wanted == 403 else zones.NOT_HERE
            assert said in (answer.text if accept is PAGE else answer.json()["detail"]), template
    assert walked > 150


def test_only_what_everybody_may_use_is_there_and_no_change() -> None:
    there = zones.open_routes(pages=False, partners=False)
    assert all(ACCESS[entry] == EVERYBODY for entry in there)
    changing = {
        entry for entry in there if entry[0] not in ("GET", "OPTIONS") and not entry[1].startswith("/ogc/")
    }
    assert changing == zones.OTHER_POSTS
    assert not any(
        path.startswith(("/login", "/account", "/welcome", "/staff", "/partner/batch")) for _, path in there
    )
    more = zones.open_routes(pages=True, partners=True) - there
    assert not any(
        path.startswith(("/staff", "/partner/batch", "/buildings", "/counter")) for _, path in more
    )


def test_no_page_leads_to_what_is_not_there(outer: TestClient) -> None:
    for path in (
        "/",
        "/maps",
        "/districts/7",
        "/associations/sample-0001",
        "/facilities",
        "/facilities/costs",
        "/nosuch",
    ):
        text = outer.get(path, headers=PAGE).text
        assert not re.search(r'href="/(staff|login|account|facilities/siting)', text), path
        assert "サインイン" not in text, path


def test_who_wants_to_ask_is_told_to_ring_up(outer: TestClient) -> None:
    for path in ("/referrals/new", "/join/new"):
        text = outer.get(path, headers=PAGE).text
        assert "お電話ください" in text
        assert "<textarea" not in text
        assert 'type="submit"' not in text
        refused = outer.post(path, headers=PAGE, data={})
        assert refused.status_code == 403
        assert zones.NOT_TAKEN in refused.text
