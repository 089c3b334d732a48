"""`kyodo-geo returns`: the yearly return (年度更新) from the command line: start, list, workbooks out and in, feed."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.context import open_database
from api.commands.datasets import MunicipalityOption, operator
from geodata.database import Audience
from kyodo_geo.dates import date_label, fiscal_year_label, parse_date
from kyodo_geo.errors import InputError

if TYPE_CHECKING:
    from geodata.returns import FeedPlan

app = typer.Typer(no_args_is_help=True, help="年度更新：用紙の書き出しと読み込み、一覧、反映")
YearArgument = Annotated[int, typer.Argument(help="年度（西暦。令和8年度は 2026）")]
SHOWN = 20


def _day(text: str) -> date:
    return parse_date(text)


@app.command("start")
def start(
    fiscal_year: YearArgument,
    due: Annotated[str, typer.Option(help="締め切り（2026-05-31 や 令和8年5月31日）")],
    reference: Annotated[str | None, typer.Option(help="世帯数の基準日。なければ年度の 4月1日")] = None,
    opens: Annotated[str | None, typer.Option(help="受け付けの始まり。なければ基準日")] = None,
    municipality: MunicipalityOption = None,
) -> None:
    """年度更新を始めます（今のデータのすべての町内会・自治会に、用紙を 1 つずつ用意します）。"""
    from geodata import returns
    from geodata.queries.generation import resolve

    day = _day(reference) if reference else date(fiscal_year, 4, 1)
    with open_database() as (settings, db), db.write(Audience.STAFF) as conn:
        made = returns.start(
            conn, resolve(conn, municipality or settings.municipality), fiscal_year,
            reference_day=day, opens_on=_day(opens) if opens else day, due_on=_day(due), actor=operator(),
        )  # fmt: skip
    typer.echo(
        f"{fiscal_year_label(fiscal_year)}の年度更新を始めました（{made:,} 団体、基準日 {date_label(day)}）。"
    )


@app.command("list")
def list_(
    fiscal_year: YearArgument,
    unanswered: Annotated[bool, typer.Option("--unanswered", help="まだ回答のないものだけ")] = False,
    municipality: MunicipalityOption = None,
) -> None:
    """状態ごとの件数と、町内会・自治会の一覧を表示します。"""
    from geodata import returns

    with open_database() as (settings, db), db.read(Audience.STAFF) as conn:
        code = municipality or settings.municipality
        found = returns.one_round(conn, code, fiscal_year)
        counted = returns.counts(conn, code, fiscal_year)
        rows = (returns.unanswered if unanswered else returns.listed)(conn, code, fiscal_year)
    words = "、".join(f"{state.label} {number:,}" for state, number in counted.items() if number)
    typer.echo(f"{fiscal_year_label(fiscal_year)}（締め切り {date_label(found.due_on)}）: {words}")
    for row in rows:
        reminded = f" お願い {len(row.reminded)} 回" if row.reminded else ""
        typer.echo(f"{row.district_no or '-'}\t{row.association_id}\t{row.name}\t{row.state.label}{reminded}")


@app.command("export")
def export(
    fiscal_year: YearArgument,
    out: Annotated[Path, typer.Argument(help="書き出す ZIP ファイル（1 団体だけのときは .xlsx）")],
    association: Annotated[str | None, typer.Option(help="この番号の町内会・自治会だけ")] = None,
    unanswered: Annotated[bool, typer.Option("--unanswered", help="まだ回答のないものだけ")] = False,
    sent: Annotated[bool, typer.Option("--sent", help="今日送ったものとして記録します")] = False,
    municipality: MunicipalityOption = None,
) -> None:
    """記入用の Excel を書き出します（前の値を入れ、記入欄のほかは保護してあります）。個人情報が入ります。"""
    from api.return_workbooks import all_workbooks, return_workbook
    from geodata import returns
    from geodata.queries.gazetteer import today_of
    from geodata.queries.generation import resolve

    with open_database() as (settings, db):
        code = municipality or settings.municipality
        with db.read(Audience.STAFF) as conn:
            found, secret = (
                returns.one_round(conn, code, fiscal_year),
                returns.form_key(conn, code, fiscal_year),
            )
            ref = resolve(conn, code)
            desk = " ".join(part for part in (ref.contact_department, ref.contact_phone) if part)
            rows = (returns.unanswered if unanswered else returns.listed)(conn, code, fiscal_year)
            if association is not None:
                rows = [returns.one(conn, code, fiscal_year, association)]
        pieces = iter([return_workbook(rows[0], found, secret, desk)]) if association else all_workbooks(
            rows, found, secret, desk
        )  # fmt: skip
        try:
            with out.open("xb") as file:
                out.chmod(0o600)
                for piece in pieces:
                    file.write(piece)
        except FileExistsError:
            raise InputError(f"{out} はもうあります。別の名前にしてください。", field="out") from None
        marked = 0
        if sent:
            with db.write(Audience.STAFF) as conn:
                ids = [row.association_id for row in rows]
                marked = returns.mark_sent(conn, code, fiscal_year, ids, on=today_of(conn), actor=operator())
    typer.echo(
        f"{len(rows):,} 団体の用紙を {out} に書き出しました。"
        + (f"{marked:,} 団体を送付済みにしました。" if sent else "")
    )


@app.command("import")
def import_(
    fiscal_year: YearArgument,
    files: Annotated[list[Path], typer.Argument(help="記入された Excel、またはその ZIP（複数可）")],
    replace: Annotated[bool, typer.Option("--replace", help="前の回答と違うときも、置き換えます")] = False,
    municipality: MunicipalityOption = None,
) -> None:
    """記入された用紙を読み込みます。ファイルごとに結果を表示します。"""
    from contextlib import ExitStack

    from api.return_uploads import LABELS, receive_uploaded

    missing = [str(path) for path in files if not path.is_file()]
    if missing:
        raise InputError("ファイルがありません: " + "、".join(missing), field="files")
    with open_database() as (settings, db), ExitStack() as stack:
        streams = [(path.name, stack.enter_context(path.open("rb"))) for path in files]
        found = receive_uploaded(
            db, municipality or settings.municipality, fiscal_year, streams, actor=operator(), replace=replace
        )
    for item in found:
        typer.echo(
            f"{item.file}\t{item.name or ''}\t{item.label}" + (f"：{item.words}" if item.words else "")
        )
    counted = Counter(item.verdict for item in found)
    typer.echo(
        "、".join(f"{label} {counted[key]:,} 件" for key, label in LABELS.items() if counted[key])
        or "ファイルがありません。"
    )
    if counted["refused"] or counted["other"] or counted["empty"]:
        sys.exit(1)


@app.command("feed")
def feed(
    fiscal_year: YearArgument,
    carry: Annotated[
        bool, typer.Option("--carry", help="回答のない団体は、前の年度の値を引き継ぎます（印が付きます）")
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="何が変わるかを表示し、反映しません")] = False,
    note: Annotated[str | None, typer.Option(help="理由（世代の記録に残ります）")] = None,
    municipality: MunicipalityOption = None,
) -> None:
    """承認した回答を反映します：加入世帯数の新しい世代、会長の連絡先、回覧部数、公民館や区域の連絡。"""
    from geodata import returns

    with open_database() as (settings, db):
        code = municipality or settings.municipality
        plan = returns.compare_feed(db, code, fiscal_year, carry=carry, actor=operator())
        if plan.empty:
            typer.echo("反映するものはありません（承認した回答は、すべて反映済みです）。")
            return
        for line in _plan_words(plan):
            typer.echo(line)
        if dry_run:
            typer.echo("確認だけを行いました。何も変えていません。")
            return
        done = returns.feed(db, code, fiscal_year, carry=carry, plan=plan, actor=operator(), note=note)
    made = f"世代 {done.generation_no} を有効にしました" if done.generation_no else "加入世帯数は変わりません"
    typer.echo(
        f"{done.feed_no} 回目の反映を行いました。{made}（回答 {done.returns:,} 件、引き継ぎ {done.carried:,} 件）。"
    )


def _plan_words(plan: FeedPlan) -> list[str]:
    carried = sum(row.carried for row in plan.figures)
    noted = sum(map(len, plan.notes.values()))
    counted = {
        "承認した回答": len(plan.returns), "変わる加入世帯数": len(plan.figures) - carried, "引き継ぎ": carried,
        "連絡先": len(plan.contacts), "回覧部数": plan.circulation, "公民館・区域・要望": noted,
    }  # fmt: skip
    lines = ["、".join(f"{label} {number:,} 件" for label, number in counted.items())]
    lines += [f"  世帯数が足りないため、加入世帯数には入れません: {row.name}" for row in plan.without[:SHOWN]]
    if plan.comparison is not None:
        found = plan.comparison.changes
        lines.append(
            f"  今のデータとの違い: 新しい {found.count('new'):,}、変わる {found.count('changed'):,}、急な変化 {found.jumps:,}"
        )
    return lines
