"""Who is counted when a leaflet is handed out, and who is not."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from starlette.testclient import TestClient

from api.auth.sign_in import SignIn
from api.paper.count import ALL_CLIENTS, PER_CLIENT, WINDOW_S, Visitors
from geodata import accounts
from geodata.database import Audience
from kyodo_geo.roles import Role
from tests.api import city
from tests.api.test_leaflets import hand_out
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls


def counted(urls: DatabaseUrls) -> list[tuple[Any, ...]]:
    with psycopg.connect(urls.superuser, row_factory=dict_row) as conn:
        rows = conn.execute(
            "SELECT association_id, form, office_id, copies FROM kyodo.leaflet_count ORDER BY 1, 2, 3"
        ).fetchall()
    return [tuple(row.values()) for row in rows]


@pytest.mark.usefixtures("blank_paper")
class TestCounting:
    def test_handing_out_counts_and_a_preview_does_not(self, serve: Any, town: DatabaseUrls) -> None:
        client = serve()
        client.get("/associations/a11/leaflet.pdf")
        assert counted(town) == []
        hand_out(client)
        hand_out(client, form="receipt58")
        hand_out(client, form="building", copies="24")
        assert counted(town) == [("a11", "a4", "", 1), ("a11", "building", "", 1), ("a11", "receipt", "", 1)]

    def test_nobody_swells_the_figures_by_asking_without_signing_in(
        self, serve: Any, town: DatabaseUrls
    ) -> None:
        """500 copies are one, the twenty-first request is none, and the paper comes each time."""
        client = serve()
        for _ in range(PER_CLIENT + 2):
            hand_out(client, copies="500")
        assert counted(town) == [("a11", "a4", "", PER_CLIENT)]

    def test_the_citys_counter_is_believed(self, serve: Any, town: DatabaseUrls) -> None:
        client = serve()
        sign_in(client, Role.COUNTER)
        hand_out(client, form="building", copies="24")
        assert counted(town) == [("a11", "building", "", 24)]

    def test_visitors_are_counted_again_after_a_while_and_bounded_together(self) -> None:
        now = [0.0]
        visitors = Visitors(clock=lambda: now[0])
        assert sum(visitors.take("192.0.2.1") for _ in range(100)) == PER_CLIENT
        assert visitors.take("192.0.2.2"), "another address is another visitor"
        assert sum(visitors.take(f"192.0.2.{n}") for n in range(10) for _ in range(100)) < ALL_CLIENTS
        many = sum(visitors.take(f"198.51.100.{n}") for n in range(250) for _ in range(3))
        assert many < ALL_CLIENTS and not visitors.take("203.0.113.1")
        now[0] += WINDOW_S
        assert visitors.take("192.0.2.1")

    def test_it_counts_for_the_office_of_who_is_signed_in(self, serve: Any, town: DatabaseUrls) -> None:
        client = serve()
        services = client.app.state.services
        with psycopg.connect(town.superuser) as conn:
            conn.execute("INSERT INTO kyodo.partner VALUES (%s, 'p1', '協会', NULL)", (city.CODE,))
            conn.execute(
                "INSERT INTO kyodo.partner_office (municipality_code, office_id, partner_id, name) "
                "VALUES (%s, 'o1', 'p1', '駅前店')",
                (city.CODE,),
            )
        with services.database.write(Audience.AUTH) as conn:
            user = accounts.add_user(conn, city.CODE, "agent", "店員", {Role.PARTNER}, by="test")
            conn.execute("UPDATE app_user SET office_id = 'o1' WHERE user_id = %s", (user.user_id,))
            token = SignIn(services.database, services.settings)._open(conn, user.user_id, None)
        client.cookies.set("kyodo_session", token)
        hand_out(client, copies="2")
        hand_out(client)
        assert counted(town) == [("a11", "a4", "o1", 3)]

    @pytest.mark.parametrize("copies", ["0", "501", "-1", "x", "１", "99999999999999"])
    def test_impossible_numbers_are_refused(self, client: TestClient, copies: str) -> None:
        answer = client.post("/associations/a11/leaflet.pdf", data={"copies": copies})
        assert answer.status_code == 400

    def test_another_site_cannot_make_a_visitor_count(self, client: TestClient) -> None:
        answer = client.post(
            "/associations/a11/leaflet.pdf", data={}, headers={"sec-fetch-site": "cross-site"}
        )
        assert answer.status_code == 403

    def test_the_paper_comes_even_when_it_cannot_be_counted(
        self, client: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from kyodo_geo.errors import UnavailableError

        def fail(*_: Any, **__: Any) -> None:
            raise UnavailableError("x")

        monkeypatch.setattr("api.paper.count.add", fail)
        hand_out(client)
