"""One signed-in session for each role on the town of squares."""

from __future__ import annotations

from starlette.testclient import TestClient

from api.auth import cookies, sign_in
from geodata import accounts, offices
from geodata.database import Audience
from kyodo_geo.offices import OfficeRow
from kyodo_geo.roles import Role


def sessions(client: TestClient, association: str | None = None) -> dict[Role, dict[str, str]]:
    """Headers by role (none for the public). The partner is of the office `o1`, the officer of `association`."""
    services = client.app.state.services
    settings = services.settings
    code = settings.municipality
    found: dict[Role, dict[str, str]] = {Role.PUBLIC: {}}
    for role in set(Role) - {Role.PUBLIC}:
        with services.database.write(Audience.AUTH) as conn:
            user = accounts.add_user(conn, code, f"u-{role.value}", role.label, {role}, by="test")
            if role is Role.PARTNER:
                colleague = OfficeRow("o1", "店", "colleague", "同僚")
                offices.enter(conn, code, "p", "協会", [colleague], by="test")
                conn.execute("UPDATE app_user SET office_id = 'o1' WHERE user_id = %s", (user.user_id,))
            if role is Role.ASSOCIATION_OFFICER and association:
                conn.execute(
                    "UPDATE user_role SET scope = %s WHERE user_id = %s", (association, user.user_id)
                )
            token = sign_in.SignIn(services.database, settings)._open(conn, user.user_id, None)
        found[role] = {"cookie": f"{cookies.session_name(settings)}={token}"}
    return found
