"""The programs that are killed: pieces of real work, each in a process of its own, which say what was acknowledged to them.

`python -m tests.db.kill_program` imports what they need once, then forks a process for each line of JSON on its standard
input ({"work", "url", "no", "acks", "folder"}): it answers with the process's number, and with how it ended.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from geodata.database import Audience, Database
from geodata.datasets import load_many
from geodata.edits import contacts, drafts, publish
from geodata.edits.active import active_facts
from geodata.generations import activate, rollback
from geodata.queries.generation import resolve
from kyodo_geo.edits import stamp
from kyodo_geo.errors import ConflictError, KyodoError
from tests.factories import CODE, association_rows, district_rows, meta, result, square

Ack = Callable[..., None]
ROWS = 40


def names(no: int) -> dict[str, Any]:
    return {f"A{number}": square(number % 8, number // 8) for number in range(ROWS)}


def associations(no: int) -> list[dict[str, Any]]:
    return [{**row, "name": f"第{no}版の{row['association_id']}"} for row in association_rows(names(no))]


def load(db: Database, no: int, ack: Ack, folder: Path) -> None:
    """Two datasets in one transaction, then a generation of them."""
    items = [
        (result("districts", district_rows({n: square(n, 0) for n in range(1, 9)})), meta()),
        (result("associations", associations(no)), meta()),
    ]
    stored = load_many(db, CODE, items)
    ack("datasets", [item.dataset_id for item in stored])
    done = activate(db, CODE, [item.dataset_id for item in stored], by="test")
    ack("generation", done.generation_no)


def imported(db: Database, no: int, ack: Ack, folder: Path) -> None:
    """A file, as the command line does it."""
    from geodata.importing import ImportOptions, import_files

    path = folder / f"towns-{no}.csv"
    lines = "".join(f"第{no}版{number}町,141.0{number:02d},39.61\n" for number in range(80))
    path.write_text(f"町名,経度,緯度\n{lines}", encoding="utf-8")
    done = import_files(db, CODE, "towns", [path], meta(), ImportOptions())
    ack("datasets", [item.dataset_id for item in done.stored])
    made = activate(db, CODE, [item.dataset_id for item in done.stored], by="test")
    ack("generation", made.generation_no)


def back(db: Database, no: int, ack: Ack, folder: Path) -> None:
    """A roll-back, and one more."""
    for _ in range(2):
        ack("generation", rollback(db, CODE, by="test", note=f"戻す {no}").generation_no)


def edits(db: Database, no: int, ack: Ack, folder: Path) -> None:
    """Six changes, each acknowledged by itself."""
    for step in range(6):
        association = f"A{step}"
        with db.write(Audience.STAFF) as conn:
            held = contacts.contacts(conn, CODE, association)
            new = contacts.Contact("member-desk", name=f"窓口{no}-{step}-{os.getpid()}", phone="019-000-0000")
            if held:
                number, old = next(iter(held.items()))
                version = stamp(contacts.seen(old))
                contacts.correct(conn, CODE, association, number, new, version=version, actor="test")
            else:
                contacts.add(conn, CODE, association, new, actor="test")
        ack("contact", [association, new.name])


def drafted(db: Database, no: int, ack: Ack, folder: Path) -> None:
    """A name changed in a draft, which becomes a generation."""
    with db.write(Audience.STAFF) as conn:
        drafts.lock(conn, CODE, "associations")
        ref = resolve(conn, CODE)
        active = active_facts(conn, ref, "associations", ["A2"])["A2"]
        held = drafts.open_draft(conn, CODE, "associations")
        if held is not None:  # of one that was killed: as somebody does who finds it
            drafts.discard(conn, CODE, "associations", version=held.version, actor="test")
        wanted = {**active, "name": f"下書き{no}"}
        drafts.enter(
            conn,
            CODE,
            "associations",
            [("associations", "A2", active, wanted)],
            version=stamp(1),
            seen=1,
            actor="test",
        )
        held = drafts.open_draft(conn, CODE, "associations")
    assert held is not None
    ack("draft", held.draft_id)
    done = publish.activate(
        db, CODE, "associations", version=held.version, generation_no=ref.generation_no, actor="test"
    )
    ack("generation", done.generation_no)


def in_a_child(db: Database, no: int, ack: Ack, folder: Path) -> None:
    """An upload, read and stored by a child of the job worker, as in the service."""
    from api.jobs.upload_process import in_child

    uploaded(db, no, ack, folder, in_child)


def resumed(db: Database, no: int, ack: Ack, folder: Path) -> None:
    """What a job worker does that starts after another one was killed."""
    from api.jobs.dataset_uploads import run_uploads
    from geodata.passing_folders import sweep_all

    sweep_all()
    run_uploads(db, threading.Event())


def uploaded(db: Database, no: int, ack: Ack, folder: Path, child: Any = None) -> None:
    """An upload, read and stored by the job worker's own code."""
    import io

    from api.jobs.dataset_uploads import run_uploads
    from geodata import dataset_uploads as uploads

    upload_id = f"{os.getpid():012x}{no:012x}"
    lines = "".join(f"第{no}版{number}町,141.0{number:02d},39.61\n" for number in range(60))
    content = io.BytesIO(f"町名,経度,緯度\n{lines}".encode())
    with db.write(Audience.LOADER) as conn:
        uploads.add(
            conn, CODE, upload_id, [("t.csv", content)], kind="towns", size=len(content.getvalue()),
            options={}, meta={"title": "t", "quality": "real"}, by="test",
        )  # fmt: skip
    ack("upload", upload_id)
    run_uploads(db, threading.Event(), child)
    with db.write(Audience.LOADER) as conn:
        found = uploads.upload(conn, CODE, upload_id)
        if found.state != "checked":
            raise ConflictError(f"{found.state}: {found.message}")
        uploads.keep(conn, CODE, upload_id, found.version, by="test")
    ack("kept", upload_id)
    run_uploads(db, threading.Event(), child)
    with db.read(Audience.LOADER) as conn:
        ack("datasets", uploads.upload(conn, CODE, upload_id).dataset_ids)


WORKS: dict[str, Callable[[Database, int, Ack, Path], None]] = {
    "load": load, "import": imported, "back": back, "edit": edits, "draft": drafted, "upload": uploaded,
    "child": in_a_child, "resume": resumed,
}  # fmt: skip


def run(told: dict[str, Any]) -> int:
    """One piece of work; 0 done, 1 refused with a sentence (which is what a killed server looks like from here)."""
    path = Path(told["acks"])
    os.environ["TMPDIR"] = told["folder"]
    import tempfile

    tempfile.tempdir = told["folder"]

    def ack(what: str, value: Any) -> None:
        with path.open("ab", buffering=0) as out:
            out.write(json.dumps([what, value]).encode() + b"\n")

    db = Database(told["url"], max_size=2, timeout_s=3)
    try:
        WORKS[told["work"]](db, told["no"], ack, Path(told["folder"]))
    except KyodoError as error:
        print(f"{told['work']}: {error.message}", file=sys.stderr)
        return 1
    finally:
        db.close()
    return 0


def main() -> None:
    """Import once, fork often."""
    import geodata.importing
    import geodata.readers.towns  # noqa: F401

    print("ready", flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        pid = os.fork()
        if pid == 0:
            code = 70
            try:
                sys.stdin.close()
                code = run(told)
            except BaseException:
                import traceback

                traceback.print_exc()
            finally:
                os._exit(code)
        print(json.dumps({"pid": pid}), flush=True)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    main()
