"""Contacts of an association: dated records, so they change at once. The page is that of `staff_associations`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BeforeValidator

from api.contact_entry import contact_entry
from api.edit_forms import Sent, act
from api.params import No, plain_integer
from api.routes.staff_associations import CONTACT_LABELS, WORDS, AssociationId, Facts, association_view
from api.services import Served, Services
from geodata.database import Audience, Connection
from geodata.edits import contacts
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import ConflictError, InputError

router = APIRouter(include_in_schema=False)

ContactNo = Annotated[int, BeforeValidator(plain_integer), Path(ge=1, le=9999)]


async def _contact_form(
    request: Request, services: Services, association_id: str, form: str, work: Any, done: str
) -> Response:
    def run(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            try:
                work(conn, services.settings.municipality, sent)
            except EditConflictError:
                raise
            except ConflictError as error:
                raise InputError(error.message, field="name") from error
        return f"/staff/associations/{association_id}?done={done}#contacts-heading"

    def compare(sent: Sent, error: EditConflictError) -> list[tuple[str, object, object]]:
        stored: Facts = error.stored or {}
        rows: list[tuple[str, object, object]] = []
        for name, label in CONTACT_LABELS.items():
            typed: object = sent.ticked(name) if name == "published" else sent.text(name)
            old = stored.get(name)
            if "role" not in sent.form:
                typed = "（消す）"
            known = WORDS.get(name, {})
            rows.append((label, known.get(str(old), old), known.get(str(typed), typed)))
        return rows

    return await act(
        request, services, form, run,
        lambda sent, shown: association_view(request, services, sent.user, association_id, shown), compare,
    )  # fmt: skip


@router.post("/staff/associations/{association_id}/contacts")
async def add_contact(
    request: Request, services: Served, association_id: AssociationId, params: No
) -> Response:
    """Enter a contact."""

    def work(conn: Connection, code: str, sent: Sent) -> None:
        contacts.add(
            conn,
            code,
            association_id,
            contact_entry(sent.text, published=sent.ticked("published")),
            actor=sent.actor,
        )

    return await _contact_form(request, services, association_id, "contact", work, "contact")


@router.post("/staff/associations/{association_id}/contacts/{number}")
async def correct_contact(
    request: Request, services: Served, association_id: AssociationId, number: ContactNo, params: No
) -> Response:
    """Change a contact, or whether it is published."""

    def work(conn: Connection, code: str, sent: Sent) -> None:
        contacts.correct(
            conn,
            code,
            association_id,
            number,
            contact_entry(sent.text, published=sent.ticked("published")),
            version=sent.version,
            actor=sent.actor,
        )

    return await _contact_form(request, services, association_id, f"c{number}", work, "contact")


@router.post("/staff/associations/{association_id}/contacts/{number}/withdraw")
async def withdraw_contact(
    request: Request, services: Served, association_id: AssociationId, number: ContactNo, params: No
) -> Response:
    """Delete a contact."""

    def work(conn: Connection, code: str, sent: Sent) -> None:
        contacts.withdraw(conn, code, association_id, number, version=sent.version, actor=sent.actor)

    return await _contact_form(request, services, association_id, f"d{number}", work, "removed")
