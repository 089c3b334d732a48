"""Uploaded files of addresses: the job with its owner, and the bytes in pieces."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, DateTime, Index, Integer, LargeBinary, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from geodata.schema.base import key, one_of, opt, reference, req, table

batch_job = table(
    "batch_job",
    key("job_id", Text, "Random id"),
    req("user_id", Integer, "Who uploaded it"),
    opt("office_id", Text, "Office of who uploaded it: its other users may fetch the result too"),
    req("file_name", Text, "Name of the file, for the download"),
    req("kind", Text, "csv / xlsx"),
    req("rows", Integer, "Rows below the header"),
    opt("column_no", Integer, "Place of the column with the addresses, from 0; NULL until chosen"),
    req("state", Text, "uploaded / waiting / running / done / failed", server_default=text("'uploaded'")),
    req("done", Integer, "Rows looked up so far", server_default=text("0")),
    req(
        "attempts",
        Integer,
        "How often a worker began; a worker that died is followed by another",
        server_default=text("0"),
    ),
    req("outcomes", JSONB, "Rows by outcome, once done", server_default=text("'{}'")),
    opt("message", Text, "Why it failed, in Japanese; never an address"),
    req("created_at", DateTime(timezone=True), "When uploaded", server_default=func.now()),
    opt("started_at", DateTime(timezone=True), "When a worker began"),
    opt("touched_at", DateTime(timezone=True), "Last sign of life of the worker"),
    opt("finished_at", DateTime(timezone=True), "When done or failed"),
    req("expires_at", DateTime(timezone=True), "When job and pieces are deleted"),
    one_of("kind", "csv", "xlsx"),
    one_of("state", "uploaded", "waiting", "running", "done", "failed"),
    CheckConstraint("done BETWEEN 0 AND rows", name="done_range"),
    CheckConstraint("state IN ('uploaded', 'failed') OR column_no IS NOT NULL", name="column_chosen"),
    reference("fk_batch_job_user", ["user_id"], "app_user", ondelete="CASCADE"),
    reference("fk_batch_job_office", ["office_id"], "partner_office"),
    Index("ix_batch_job_expires", "expires_at"),
    comment="An uploaded file of addresses and how far it is; deleted with its pieces after a short time",
)

batch_piece = table(
    "batch_piece",
    key("job_id", Text, "Job"),
    key("part", Text, "input / preview / result"),
    key("piece_no", Integer, "0, 1 …"),
    req("content", LargeBinary, "The bytes; they hold addresses"),
    one_of("part", "input", "preview", "result"),
    CheckConstraint("octet_length(content) <= 1048576", name="bounded"),
    reference("fk_batch_piece_job", ["job_id"], "batch_job", ondelete="CASCADE"),
    comment="Bytes of an uploaded file or of its result, in pieces of up to 1 MiB; unlogged",
)
