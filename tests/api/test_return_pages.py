"""The yearly return in the browser: a round, the association's own form, decisions, letters, labels, and who may see what."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import html5lib
import openpyxl
import psycopg
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.jobs.return_mail import send_return_mail
from api.settings import Settings
from geodata import accounts
from geodata.cluster import Cluster
from geodata.database import Audience
from kyodo_geo.returns import question
from kyodo_geo.roles import Role
from tests.api.conftest import HOST, PAGE, another
from tests.api.mail_servers import Post, mail_server_running
from tests.api.signing import become_admin, token_of
from tests.api.test_leaflets import codes_on, text_of
from tests.api.test_staff_plans import version_of
from tests.fixtures_db import DatabaseUrls, copied

YEAR = 2026
ROUND = f"/staff/returns/{YEAR}"
OF = f"{ROUND}/of/a11"
DAYS = {
    "fiscal_year": str(YEAR),
    "reference_day": "令和8年4月1日",
    "opens_on": "2026-04-01",
    "due_on": "2199-03-31",
}
WELL = {
    "households": "210", "member_households": "180", "circulation_copies": "185", "president_name": "試験 太郎",
}  # fmt: skip


@pytest.fixture
def staff(visitor: TestClient) -> TestClient:
    become_admin(visitor)
    return visitor


@pytest.fixture
def asked(staff: TestClient) -> TestClient:
    """A planner's browser after a round was started."""
    answer = post(staff, "/staff/returns", "/staff/returns", **DAYS)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{ROUND}?done=start"), answer.text
    return staff


def post(client: TestClient, path: str, form: str, **fields):
    """Send a form of the page `form` as a browser would, with its token and (unless given) its version."""
    html = client.get(form).text
    found = re.search(r'name="version" value="([^"]+)"', html)
    data = {"csrf_token": token_of(html), **({"version": found[1]} if found else {}), **fields}
    return client.post(path, data=data, headers={"origin": HOST})


def code_of(client: TestClient, association: str = "a11") -> str:
    """A code, as it is told over the telephone."""
    made = post(client, f"{ROUND}/of/{association}/code", f"{ROUND}/of/{association}")
    assert made.status_code == 200, made.text
    return re.search(r'class="return-code">([^<]+)<', made.text)[1]  # type: ignore[index]


def visiting(client: TestClient, code: str) -> TestClient:
    """An association's browser that has typed its code."""
    browser = another(client)
    opened = post(browser, "/returns", "/returns", code=code.lower().replace("-", "　"))
    assert (opened.status_code, opened.headers["location"]) == (303, "/returns/form"), opened.text
    return browser


def fill(browser: TestClient, step: str, **fields: str):
    """A step with what stands in it and what is typed over it."""
    form = f"/returns/form?step={step}"
    html = browser.get(form).text
    stands = dict(re.findall(r'<input id="q-\w+" name="(\w+)" type="text" value="([^"]*)"', html))
    return post(browser, "/returns/form", form, step=step, act="next", **{**stands, **fields})


def answered(browser: TestClient, **fields: str) -> None:
    for step in ("president", "circulation", "figures"):
        html = browser.get(f"/returns/form?step={step}").text
        names = set(re.findall(r' name="(\w+)"', html))
        done = fill(
            browser, step, **{name: text for name, text in {**WELL, **fields}.items() if name in names}
        )
        assert done.status_code == 303, done.text


def valid(html: str) -> None:
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(html)
    assert parser.errors == []


def test_from_the_letter_to_the_approval(asked: TestClient, town: DatabaseUrls, tmp_path) -> None:
    page = asked.get(ROUND)
    assert page.status_code == 200 and page.headers["cache-control"] == "private, no-store"
    valid(page.text)
    assert "8 件" in page.text and page.text.count("未送付") >= 8
    letters = post(asked, f"{ROUND}/letters.pdf", f"{ROUND}/letters", id=["a11", "a12"])
    assert letters.headers["content-type"] == "application/pdf", letters.text
    printed = text_of(letters.content, tmp_path)
    codes = re.findall(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", printed)
    assert len(codes) == 2 and "1-1町内会" in printed and "回答の期限" in printed
    assert codes_on(letters.content, tmp_path) == [f"{HOST}/returns"] * 2, (
        "the code itself stands in no address"
    )
    with psycopg.connect(town.superuser) as conn:
        kept = conn.execute("SELECT string_agg(t::text, ' ') FROM kyodo.return_code t").fetchone()
        log = conn.execute("SELECT string_agg(details::text, '') FROM kyodo.audit").fetchone()
    assert kept and log and not any(code in kept[0] + log[0] for code in codes)

    browser = visiting(asked, codes[0])
    first = browser.get("/returns/form?step=president")
    valid(first.text)
    assert "1-1町内会" in first.text and "1-2町内会" not in first.text and 'value="非公開 太郎"' in first.text
    assert fill(browser, "president", president_phone="電話なし").status_code == 400, "said at once, and kept"
    assert 'value="電話なし"' in browser.get("/returns/form?step=president").text
    answered(browser, president_phone="019-000-2222")
    area = browser.get("/returns/form?step=area")
    valid(area.text)
    assert "<svg" in area.text and "試験町一丁目 1番〜10番" in area.text
    fill(browser, "area", area_answer="wrong", area_note="10番は隣です")
    fill(browser, "words", wishes="街灯を増やしてほしい")
    look = browser.get("/returns/check")
    valid(look.text)
    assert (
        "この内容で送る" in look.text
        and "市の記録と違います" in look.text
        and "区域が違うとの回答です" in look.text
    )
    sent = post(browser, "/returns/send", "/returns/check")
    assert sent.headers["location"] == "/returns/check?done=sent", sent.text
    done = browser.get("/returns/check?done=sent").text
    assert "回答を受け付けました" in done and "/returns/copy.pdf" in done
    copy = text_of(browser.get("/returns/copy.pdf").content, tmp_path)
    assert "019-000-2222" in copy and "180世帯" in copy and "1-1町内会" in copy

    one = asked.get(OF)
    valid(one.text)
    for words in ("受付済み", "10番は隣です", "街灯を増やしてほしい", "区域が違うとの回答です", "試験 太郎"):
        assert words in one.text, words
    back = post(asked, f"{OF}/send-back", OF, words="加入世帯数をもう一度数えてください。")
    assert back.headers["location"] == f"{OF}?done=send-back"
    again = browser.get("/returns/check").text
    assert "加入世帯数をもう一度数えてください。" in again and "差し戻し" in again
    answered(browser, member_households="170", president_phone="019-000-2222")
    post(browser, "/returns/send", "/returns/check")
    assert post(asked, f"{OF}/approve", OF).headers["location"] == f"{OF}?done=approve"
    assert "ここでは直せません" in browser.get("/returns/check").text
    late = post(browser, "/returns/form", "/returns/check", step="figures", households="1")
    assert late.headers["location"] == "/returns/check"
    with psycopg.connect(town.superuser) as conn:
        row = conn.execute(
            "SELECT state, answers->>'member_households' FROM kyodo.association_return WHERE association_id = 'a11'"
        ).fetchone()
        log = conn.execute("SELECT string_agg(details::text, '') FROM kyodo.audit").fetchone()
    assert row == ("approved", "170")
    assert log and "試験 太郎" not in log[0] and "019-000-2222" not in log[0], (
        "personal fields are told only as changed"
    )


def test_a_visit_sees_its_own_return_and_ends(asked: TestClient, town: DatabaseUrls) -> None:
    stranger = another(asked)
    for path in ("/returns/form", "/returns/check", "/returns/copy.pdf"):
        gone = stranger.get(path)
        assert (gone.status_code, gone.headers["location"]) == (303, "/returns")
    wrong = post(stranger, "/returns", "/returns", code="AAAA-BBBB-CCCC-DDDD")
    assert wrong.status_code == 400 and "この番号では開けません" in wrong.text and "AAAA" not in wrong.text
    browser = visiting(asked, code_of(asked))
    html = browser.get("/returns/form?step=figures").text
    foreign = browser.post(
        "/returns/form",
        data={"csrf_token": token_of(html), "step": "figures"},
        headers={"origin": "https://evil.example"},
    )
    assert foreign.status_code == 403
    assert (
        browser.post("/returns/form", data={"step": "figures"}, headers={"origin": HOST}).status_code == 403
    )
    aimed = post(
        browser,
        "/returns/form",
        "/returns/form?step=figures",
        step="figures",
        association_id="a12",
        fiscal_year="2020",
        households="77",
    )
    assert aimed.status_code == 303
    with psycopg.connect(town.superuser) as conn:
        drafts = conn.execute(
            "SELECT association_id FROM kyodo.association_return WHERE draft IS NOT NULL"
        ).fetchall()
    assert drafts == [("a11",)], "no field says whose return it is"
    assert browser.get("/staff/returns").status_code in (303, 401, 403)
    code_of(asked)  # a new code ends the visits of the former one
    assert browser.get("/returns/form").headers["location"] == "/returns"
    browser = visiting(asked, code_of(asked))
    assert post(browser, "/returns/leave", "/returns/form").headers["location"] == "/returns"
    assert browser.get("/returns/form").headers["location"] == "/returns"


def test_guessing_is_slowed_down_and_a_good_code_counts_for_nothing(
    serve: Callable[..., TestClient], town: DatabaseUrls
) -> None:
    client = serve(sign_in_failures_per_source=5)
    client.headers["accept"] = "text/html"
    become_admin(client)
    post(client, "/staff/returns", "/staff/returns", **DAYS)
    code = code_of(client)
    for _ in range(6):
        visiting(client, code)
    guesses = [post(another(client), "/returns", "/returns", code=f"AAAA{number}") for number in range(6)]
    assert [answer.status_code for answer in guesses] == [400] * 5 + [429]
    assert guesses[-1].headers["retry-after"] and "待ってから" in guesses[-1].text
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.return_code SET expires_at = now() - interval '1 minute'")
        conn.execute("DELETE FROM kyodo.sign_in_rate")
    late = post(another(client), "/returns", "/returns", code=code)
    assert late.status_code == 400, "a code that has run out is like none"


def officer_of(client: TestClient, association: str | None) -> TestClient:
    services = client.app.state.services
    from api.auth import cookies, sign_in

    with services.database.write(Audience.AUTH) as conn:
        user = accounts.add_user(
            conn, "03201", f"officer-{association}", "役員", {Role.ASSOCIATION_OFFICER}, by="test"
        )
        conn.execute("UPDATE user_role SET scope = %s WHERE user_id = %s", (association, user.user_id))
        token = sign_in.SignIn(services.database, services.settings)._open(conn, user.user_id, None)
    browser = another(client)
    browser.cookies.set(cookies.session_name(services.settings), token)
    return browser


def test_an_officer_answers_with_the_account_and_two_at_once_see_each_other(asked: TestClient) -> None:
    officer = officer_of(asked, "a12")
    assert "役員のアカウントで答える" in officer.get("/returns").text
    page = officer.get("/returns/form")
    assert "1-2町内会" in page.text and "1-1町内会" not in page.text
    seen = version_of(officer.get("/returns/form?step=figures").text)
    other = visiting(asked, code_of(asked, "a12"))
    assert fill(other, "figures", **WELL).status_code == 303
    late = post(
        officer, "/returns/form", "/returns/form?step=figures", step="figures", version=seen, households="999"
    )
    assert late.status_code == 409 and "210" in late.text and 'value="999"' in late.text
    nobody = officer_of(asked, None)
    assert nobody.get("/returns/form").status_code == 409


def test_doubts_do_not_block_the_association_and_what_cannot_be_true_blocks_the_approval(
    asked: TestClient,
) -> None:
    browser = visiting(asked, code_of(asked))
    answered(browser, households="100", member_households="150")
    look = browser.get("/returns/check").text
    assert "誤り" in look and "区域の世帯数（100）より多く" in look and "この内容で送る" in look
    assert post(browser, "/returns/send", "/returns/check").headers["location"] == "/returns/check?done=sent"
    refused = post(asked, f"{OF}/approve", OF)
    assert refused.status_code == 409 and "承認できません" in refused.text
    many = asked.get(ROUND + "?only=doubts").text
    assert "誤り 1" in many and 'name="seen"' not in many
    paper = post(asked, OF, OF, **{**WELL, "households": "多い"})
    assert (
        paper.status_code == 400 and 'id="q-households-error"' in paper.text and 'value="多い"' in paper.text
    )
    kept = post(asked, OF, OF, **WELL, area_answer="confirmed", hall_use="none", reason="数え直した")
    assert kept.headers["location"] == f"{OF}?done=paper", kept.text
    assert "紙（職員が入力）" in asked.get(OF).text


def test_many_without_doubts_are_approved_at_once_and_only_as_they_were_seen(
    asked: TestClient, town: DatabaseUrls
) -> None:
    for name in ("a11", "a12"):
        of = f"{ROUND}/of/{name}"
        area = re.search(r'name="area_text"[^>]*>\n([^<]*)<', asked.get(of).text)[1]  # type: ignore[index]
        kept = post(asked, of, of, area_text=area, households="200", member_households="172",
                    circulation_copies="172", hall_use="none",
                    president_name="試験 太郎", area_answer="confirmed")  # fmt: skip
        assert kept.status_code == 303, kept.text
    page = asked.get(f"{ROUND}?only=clear").text
    valid(page)
    seen = re.findall(r'name="seen" value="([^"]+)"', page)
    assert len(seen) == 2
    stale = seen[1].rpartition(":")[0] + ":99"
    done = post(asked, f"{ROUND}/approve", f"{ROUND}?only=clear", seen=[seen[0], stale])
    assert done.headers["location"] == f"{ROUND}?done=approve"
    assert [
        item.split(":")[0] for item in re.findall(r'name="seen" value="([^"]+)"', asked.get(ROUND).text)
    ] == [seen[1].split(":")[0]]
    assert post(asked, f"{ROUND}/approve", ROUND).status_code == 400
    table = asked.get(f"{ROUND}/table.csv").content.decode("utf-8-sig").splitlines()
    assert len(table) == 9 and "承認済み" in table[1] and "試験 太郎" not in "".join(table)


def test_reminders_once_a_day_and_letters_that_can_be_printed_again(
    asked: TestClient, town: DatabaseUrls, tmp_path, blank_paper: None
) -> None:
    letters = f"{ROUND}/letters"
    assert (
        post(asked, f"{letters}/sent", letters, id=["a11", "a12", "a21"]).headers["location"]
        == f"{letters}?done=sent"
    )
    assert post(asked, f"{letters}.pdf", letters, id=["a11", "a22"]).status_code == 400, (
        "one wording in one print"
    )
    assert post(asked, f"{letters}.pdf", letters).status_code == 400
    assert post(asked, f"{letters}.pdf", letters, id="a11").content.startswith(b"%PDF")
    assert post(asked, f"{letters}.pdf", letters, id="a11").content.startswith(b"%PDF"), "a printer may fail"
    assert (
        post(asked, f"{letters}/phone", letters, id=["a11", "a12"]).headers["location"]
        == f"{letters}?done=phone"
    )
    twice = post(asked, f"{letters}/phone", letters, id=["a11", "a12"])
    assert twice.status_code == 400 and "今日はもうお願い" in twice.text
    assert post(asked, f"{letters}.pdf", letters, id="a12").status_code == 400, (
        "who was rung up today gets no letter today"
    )
    none = post(asked, f"{letters}/mail", letters, id="a21")
    assert none.status_code == 400 and "メールアドレスの登録がありません" in none.text
    page = asked.get(letters).text
    valid(page)
    assert "今日お願いしました" in page and "メールのサーバーが設定されていない" in page
    with psycopg.connect(town.superuser) as conn:
        kept = conn.execute("SELECT association_id, way FROM kyodo.return_reminder ORDER BY 1").fetchall()
    assert kept == [("a11", "letter"), ("a12", "phone")]


def test_a_form_with_nothing_in_it_is_not_sent(asked: TestClient) -> None:
    browser = visiting(asked, code_of(asked))
    empty = {
        "president": ("name", "phone", "address", "email", "published"),
        "circulation": ("copies", "to", "name", "phone", "address"),
        "hall": ("use", "name", "address"), "figures": (), "area": ("text",),
    }  # fmt: skip
    for step, names in empty.items():
        fill(browser, step, **{f"{step}_{name}": "" for name in names})
    refused = post(browser, "/returns/send", "/returns/check")
    assert refused.status_code == 400 and "未記入です" in refused.text, refused.text
    assert "未送付" in asked.get(OF).text, "still waited for"


def test_labels_hold_who_is_written_to_and_leave_an_entry(
    asked: TestClient, town: DatabaseUrls, tmp_path
) -> None:
    unknown = asked.get(f"{ROUND}/labels").text
    assert re.search(r'回覧部数の合計</dt><dd><span class="figure-value">不明</span>.*8 団体は不明', unknown)
    with psycopg.connect(town.superuser) as conn:
        conn.execute(
            "UPDATE kyodo.association_contact SET address = '〒020-8530 盛岡市内丸12-2' WHERE contact_no = 2"
        )
        conn.execute(
            "INSERT INTO kyodo.circulation (municipality_code, association_id, fiscal_year, copies, to_name, to_address) VALUES "
            "('03201', 'a11', 2026, 30, NULL, NULL), ('03201', 'a21', 2026, 40, '回覧 花子', '盛岡市試験町二丁目1番')"
        )
    page = asked.get(f"{ROUND}/labels")
    valid(page.text)
    assert re.search(r">70</span>.*6 団体は不明", page.text)
    assert "住所が登録されていない 6" in page.text and "非公開 太郎" not in page.text
    made = post(
        asked,
        f"{ROUND}/labels.pdf",
        f"{ROUND}/labels",
        to="circulation",
        sheet="12",
        first="12",
        right="1.5",
        down="-2",
    )
    assert made.headers["content-type"] == "application/pdf", made.text
    printed = text_of(made.content, tmp_path)
    for words in (
        "〒020-8530",
        "非公開太郎様",
        "30部",
        "回覧担当回覧花子様",
        "40部",
        "盛岡市試験町二丁目1番",
    ):
        assert words in printed, words
    only = post(asked, f"{ROUND}/labels.csv", f"{ROUND}/labels", to="president", district="2").content.decode(
        "utf-8-sig"
    )
    assert "回覧 花子" not in only and only.count("\r\n") == 3
    for wrong, field in (
        ({"first": "13"}, "first"),
        ({"sheet": "9"}, ""),
        ({"right": "x"}, "right"),
        ({"to": "all"}, "to"),
    ):
        refused = post(
            asked, f"{ROUND}/labels.pdf", f"{ROUND}/labels", **{"to": "circulation", "sheet": "12", **wrong}
        )
        assert refused.status_code == 400 and (not field or f'id="labels-{field}-error"' in refused.text), (
            wrong
        )
    with psycopg.connect(town.superuser) as conn:
        told = conn.execute(
            "SELECT actor, details->>'labels' FROM kyodo.audit WHERE action = 'edit.return.labels' ORDER BY entry_no"
        ).fetchall()
    assert told == [("admin", "2"), ("admin", "2")]


def test_rounds_are_started_changed_and_closed(staff: TestClient) -> None:
    page = "/staff/returns"
    valid(staff.get(page).text)
    wrong = post(staff, page, page, **{**DAYS, "due_on": "2026-03-01"})
    assert (
        wrong.status_code == 400
        and 'id="start-due_on-error"' in wrong.text
        and 'value="令和8年4月1日"' in wrong.text
    )
    assert post(staff, page, page, **DAYS).status_code == 303
    assert post(staff, page, page, **DAYS).status_code == 400, "there is one"
    limits = {
        "jump_share": "30",
        "jump_least": "10",
        "copies_share": "20",
        "copies_least": "5",
        "rate_points": "10",
    }
    seen = version_of(staff.get(ROUND).text)
    assert (
        post(staff, ROUND, ROUND, act="change", **{**DAYS, **limits}).headers["location"]
        == f"{ROUND}?done=change"
    )
    late = post(staff, ROUND, ROUND, act="change", version=seen, **{**DAYS, **limits, "due_on": "2027-01-01"})
    assert late.status_code == 409 and "ほかの人が先に変えました" in late.text
    assert post(staff, ROUND, ROUND, act="add").headers["location"] == f"{ROUND}?done=same"
    assert post(staff, ROUND, ROUND, act="close").headers["location"] == f"{ROUND}?done=close"
    assert "受け付けは終わりました" in staff.get(ROUND).text
    assert staff.get("/staff/returns/2031").status_code == 404
    assert staff.get(f"{ROUND}/of/nosuch").status_code == 404


def test_the_public_zone_says_how_to_answer_otherwise(
    cluster: Cluster, template: DatabaseUrls, settings_for: Callable[..., Settings]
) -> None:
    with copied(cluster, template) as urls, TestClient(
        create_app(settings_for(urls, zone="public")), base_url=HOST, follow_redirects=False, headers=PAGE
    ) as client:  # fmt: skip
        page = client.get("/returns")
        assert (
            page.status_code == 200 and "受け付けていません" in page.text and 'name="code"' not in page.text
        )
        assert [
            client.get(path).status_code for path in ("/returns/form", "/returns/check", "/staff/returns")
        ] == [404] * 3
        assert client.post("/returns", data={"code": "x"}, headers={"origin": HOST}).status_code == 404


def workbook_of(client: TestClient, association: str, **answers: object) -> bytes:
    """The form of an association, filled in with another library."""
    found = client.get(f"{ROUND}/of/{association}/workbook.xlsx")
    assert found.status_code == 200 and "no-store" in found.headers["cache-control"]
    book = openpyxl.load_workbook(io.BytesIO(found.content))
    sheet = book.worksheets[0]
    labels = {question(name).label: said for name, said in answers.items()}
    for row in sheet.iter_rows():
        if row[1].value in labels:
            row[3].value = labels[row[1].value]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sent_in(client: TestClient, *files: tuple[str, bytes], **more: str):
    token = token_of(client.get(f"{ROUND}/files").text)
    data = {"csrf_token": token, "fiscal_year": str(YEAR), **more}
    return client.post(
        "/staff/returns/upload",
        data=data,
        files=[("files", file) for file in files],
        headers={"origin": HOST},
    )


def test_workbooks_out_and_in_and_one_press_makes_data_of_them(asked: TestClient, town: DatabaseUrls) -> None:
    valid(asked.get(f"{ROUND}/files").text)
    packed = post(
        asked, f"{ROUND}/workbooks.zip", f"{ROUND}/files", whose="unanswered", district="1", sent="yes"
    )
    assert packed.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert sorted(archive.namelist()) == ["a11_1-1町内会.xlsx", "a12_1-2町内会.xlsx"]
    assert "回答待ち" in asked.get(f"{ROUND}?district=1").text
    good = workbook_of(
        asked, "a11", households=210, member_households=180, circulation_copies=185, president_name="試験 太郎",
        hall_use="ない", wishes="街灯を増やしてほしい",
    )  # fmt: skip
    done = sent_in(asked, ("a.xlsx", good), ("b.xlsx", b"PK\x03\x04 no workbook"))
    assert done.status_code == 200, done.text
    valid(done.text)
    assert "受け付けました：1 件" in done.text and "受け付けられません：1 件" in done.text
    assert sent_in(asked, ("a.xlsx", good)).text.count("前と同じ内容です") >= 1
    assert sent_in(asked).status_code == 400
    assert post(asked, f"{OF}/approve", OF).status_code == 303

    feed = f"{ROUND}/feed"
    valid(asked.get(feed).text)
    looked = post(asked, f"{feed}/compare", feed)
    assert looked.status_code == 200, looked.text
    valid(looked.text)
    assert (
        "この内容で反映する" in looked.text
        and "加入率の変わり方" in looked.text
        and "会長の名前" in looked.text
    )
    hidden = dict(re.findall(r'name="(seen|generation)" value="([^"]+)"', looked.text))
    stale = post(asked, feed, feed, **{**hidden, "seen": "0" * 24})
    assert stale.status_code == 409 and "もう一度確かめて" in stale.text
    pressed = post(asked, feed, feed, **hidden, note="第1回")
    assert pressed.headers["location"] == f"{feed}?done=feed", pressed.text
    after = asked.get(f"{feed}?done=feed").text
    valid(after)
    for words in ("データセット", "第1回", "街灯を増やしてほしい", "反映しました", "宛名ラベル"):
        assert words in after, words
    assert post(asked, feed, feed, **hidden).headers["location"] == f"{feed}?done=nothing", (
        "a second press is nothing more"
    )
    with psycopg.connect(town.superuser) as conn:
        row = conn.execute(
            "SELECT households, member_households FROM kyodo.membership m WHERE association_id = 'a11' AND fiscal_year = 2026 "
            "AND dataset_id = kyodo.active_dataset('03201', (SELECT max(generation_no) FROM kyodo.generation), 'membership')"
        ).fetchone()
        name = conn.execute("SELECT name FROM kyodo.association_contact WHERE role = 'president'").fetchone()
    assert row == (210, 180) and name == ("試験 太郎",)
    note = f"{feed}/notes/a11/wish"
    assert (
        post(asked, note, feed, words="街灯を増やしてほしい", act="done").headers["location"]
        == f"{feed}?done=note"
    )
    assert "すべて済み" in asked.get(feed).text
    audit = asked.get("/staff/audit?topic=returns")
    valid(audit.text)
    assert not re.search(r"<strong>[a-z.-]+</strong>", audit.text), "every action has words"


def test_a_mail_goes_to_whom_an_address_is_known_with_a_code_made_for_it(
    asked: TestClient, town: DatabaseUrls, settings_for: Callable[..., Settings]
) -> None:
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.association_contact SET email = 'kaicho@example.jp' WHERE contact_no = 2")
    letters = f"{ROUND}/letters"
    post(asked, f"{letters}/sent", letters, id=["a11", "a12"])
    done = post(asked, f"{letters}/mail", letters, id=["a11", "a12"])
    assert done.headers["location"] == f"{letters}?done=mail"
    database = asked.app.state.services.database
    with mail_server_running(Post()) as post_office:
        settings = settings_for(
            town, smtp_url=f"smtp://127.0.0.1:{post_office.port}", smtp_starttls="off", mail_from="kyodo@example.lg.jp",
            base_url="https://kyodo.example.lg.jp",
        )  # fmt: skip
        assert send_return_mail(database, settings) == {"sent": 1}
        assert send_return_mail(database, settings) == {}, "once"
    [(to, mail)] = post_office.taken
    text = mail.get_content()
    code = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", text)
    assert to == ["kaicho@example.jp"] and "https://kyodo.example.lg.jp/returns\n" in text.replace("\r", "")
    assert code is not None and "非公開" not in text, "no name of anybody"
    assert "1-1町内会" in visiting(asked, code[0]).get("/returns/form").text


def test_the_code_on_paper_works_until_a_server_has_taken_the_mail(
    asked: TestClient, town: DatabaseUrls, settings_for: Callable[..., Settings]
) -> None:
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.association_contact SET email = 'kaicho@example.jp' WHERE contact_no = 2")
    letters = f"{ROUND}/letters"
    post(asked, f"{letters}/sent", letters, id=["a11"])
    paper = code_of(asked)
    post(asked, f"{letters}/mail", letters, id=["a11"])
    database = asked.app.state.services.database

    def again() -> None:
        with psycopg.connect(town.superuser) as conn:
            conn.execute("UPDATE kyodo.return_mail SET state = 'pending', next_try_at = now()")

    with mail_server_running(Post()) as post_office:
        settings = settings_for(
            town, smtp_url=f"smtp://127.0.0.1:{post_office.port}", smtp_starttls="off", mail_from="kyodo@example.lg.jp",
            base_url="https://kyodo.example.lg.jp",
        )  # fmt: skip
        for answer, told in (("451 later", "put-off"), ("550 never", "failed")):
            post_office.answer = answer
            assert send_return_mail(database, settings) == {told: 1}
            visiting(asked, paper)
            again()
        post_office.answer = "250 OK"
        assert send_return_mail(database, settings) == {"sent": 1}
        refused = another(asked)
        assert post(refused, "/returns", "/returns", code=paper).status_code != 303, (
            "the mail's code took its place"
        )
        again()
        told = code_of(asked)
        assert send_return_mail(database, settings) == {"skipped": 1}, "a code was given since the reminder"
        visiting(asked, told)
    assert len(post_office.taken) == 1


@pytest.mark.parametrize("year", ["", "0", "99999999"])
def test_an_upload_for_no_year_of_the_calendar_finds_no_round(staff: TestClient, year: str) -> None:
    assert post(staff, "/staff/returns/upload", "/staff/returns", fiscal_year=year).status_code == 404
