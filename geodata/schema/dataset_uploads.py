"""Files that staff upload to become datasets: what is to be done with them, and their bytes in pieces."""

from __future__ import annotations

from sqlalchemy import ARRAY, CheckConstraint, DateTime, Index, Integer, LargeBinary, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from geodata.schema.base import key, one_of, opt, reference, req, table

dataset_upload = table(
    "dataset_upload",
    key("upload_id", Text, "Random id"),
    req("kind", Text, "Kind of dataset, or of records, the files are to be read as"),
    req(
        "target",
        Text,
        "dataset: becomes one; records: goes into dated tables",
        server_default=text("'dataset'"),
    ),
    req("file_names", ARRAY(Text), "Names of the files, in the order of their numbers"),
    req("bytes", Integer, "Size of all files"),
    req("options", JSONB, "How to read them: format, crs, encoding, mapping"),
    req("meta", JSONB, "Title, source, licence … of the dataset to be"),
    req("uploaded_by", Text, "Login of who uploaded them"),
    req("state", Text, "waiting / running / checked / refused / done", server_default=text("'waiting'")),
    req("task", Text, "check: try the files; keep: store them as a dataset", server_default=text("'check'")),
    req("step", Integer, "Step the worker is at, from 0", server_default=text("0")),
    req(
        "attempts",
        Integer,
        "How often a worker began; a worker that died is followed by another",
        server_default=text("0"),
    ),
    req("version", Integer, "Raised by every change a person makes", server_default=text("1")),
    opt("message", Text, "Why the files were refused, in Japanese"),
    req("dataset_ids", ARRAY(Integer), "Datasets the files became", server_default=text("'{}'")),
    req("created_at", DateTime(timezone=True), "When uploaded", server_default=func.now()),
    opt("touched_at", DateTime(timezone=True), "Last sign of life of the worker"),
    opt("finished_at", DateTime(timezone=True), "When checked, refused or stored"),
    req("expires_at", DateTime(timezone=True), "When upload and pieces are deleted"),
    one_of("state", "waiting", "running", "checked", "refused", "done"),
    one_of("task", "check", "keep"),
    one_of("target", "dataset", "records"),
    CheckConstraint("cardinality(file_names) BETWEEN 1 AND 10", name="file_count"),
    CheckConstraint("bytes >= 0", name="bytes_range"),
    CheckConstraint(
        "(state = 'done' AND target = 'dataset') = (cardinality(dataset_ids) > 0)", name="done_has_datasets"
    ),
    Index("ix_dataset_upload_expires", "expires_at"),
    comment="Files uploaded by staff on their way to a dataset; deleted with their pieces after a day",
)

dataset_upload_piece = table(
    "dataset_upload_piece",
    key("upload_id", Text, "Upload"),
    key("part", Text, "input / findings"),
    key("file_no", Integer, "Which file, from 0"),
    key("piece_no", Integer, "0, 1 …"),
    req("content", LargeBinary, "The bytes; they may name persons"),
    one_of("part", "input", "findings"),
    CheckConstraint("octet_length(content) <= 1048576", name="bounded"),
    reference("fk_dataset_upload_piece_upload", ["upload_id"], "dataset_upload", ondelete="CASCADE"),
    comment="Bytes of uploaded files and of what was found in them, in pieces of up to 1 MiB; unlogged",
)
