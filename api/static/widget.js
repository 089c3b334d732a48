// Address → neighbourhood association, on anybody's page. One script tag:
//   <script src="https://…/widget/v1.js" data-key="kp_…" data-lang="ja" async></script>
// Everything stands in a shadow root; text is only ever set as text; nothing is stored, nothing goes into an address.
"use strict";

(() => {
  const script = document.currentScript;
  if (!script) return;
  const base = new URL(script.src).origin;
  const { key, target } = script.dataset;
  const lang = script.dataset.lang === "en" ? "en" : "ja";

  const WORDS = {
    ja: {
      title: "町内会・自治会を調べる",
      label: "住所",
      hint: "例：内丸12-2。番地まで入れると、はっきりします。",
      ask: "調べる",
      asking: "調べています…",
      result: "調べた結果",
      empty: "住所を入力してください。",
      long: "住所は 200 文字以内で入力してください。",
      later: "いま調べられません。しばらくしてからもう一度お試しください。",
      busy: "混み合っています。少し待ってからもう一度お試しください。",
      setup: "このページでは使えない設定になっています。サイトの管理者にお知らせください。",
      one: "町内会・自治会がわかりました",
      several: "候補がいくつかあります",
      none_here: "この場所には登録がありません",
      outside_city: "市の外の場所です",
      not_understood: "住所を読み取れませんでした",
      district: "地区",
      phone: "電話",
      email: "メール",
      privacy: "入力した住所は記録されません。加入は任意です。",
      more: "市のページで調べる",
      tab: "（新しいタブで開きます）",
    },
    en: {
      title: "Find the neighbourhood association",
      label: "Address (in Japanese)",
      hint: "Example: 内丸12-2. Adding block and house number helps.",
      ask: "Look up",
      asking: "Looking up…",
      result: "Result",
      empty: "Enter an address.",
      long: "An address has at most 200 characters.",
      later: "The lookup is not available just now. Please try again later.",
      busy: "Too many requests. Please wait a little and try again.",
      setup: "The lookup is not set up for this page. Please tell the owner of the site.",
      one: "Association found",
      several: "Several associations are possible",
      none_here: "No association is registered here",
      outside_city: "This place is outside the city",
      not_understood: "The address was not understood",
      district: "District",
      phone: "Phone",
      email: "E-mail",
      privacy: "The address is not recorded. Joining is voluntary.",
      more: "Open the city's page",
      tab: " (opens in a new tab)",
    },
  };
  const words = WORDS[lang];

  const STYLE = `
    :host { display: block; max-width: 40rem; color: #1a2431; line-height: 1.7; text-align: start; letter-spacing: normal }
    * { box-sizing: border-box; margin: 0 }
    .box { padding: 1rem; border: 1px solid #7d8995; border-radius: 8px; background: #fff; overflow-wrap: anywhere }
    .title { font-size: 1.125em; font-weight: 700 }
    label { display: block; margin-top: .5rem; font-weight: 700 }
    .row { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .25rem }
    input { flex: 1 1 12rem; min-width: 0; min-height: 2.75rem; padding: .25rem .75rem; border: 1px solid #667380;
      border-radius: 6px; background: #fff; color: inherit; font: inherit }
    input[aria-invalid="true"] { border: 2px solid #b3261e }
    button { min-height: 2.75rem; padding: .25rem 1.25rem; border: 1px solid #17456e; border-radius: 6px;
      background: #17456e; color: #fff; font: inherit; font-weight: 700; cursor: pointer }
    button:hover { background: #0e304f }
    .hint, .foot { color: #4a5664; font-size: .9em }
    .foot { margin-top: .75rem }
    .error { color: #b3261e; font-weight: 700 }
    .answer { margin-top: .75rem; padding: .75rem 1rem; border-left: 4px solid #17456e; background: #f4f6f8 }
    .answer > * + * { margin-top: .25rem }
    .head { font-weight: 700 }
    .name { font-size: 1.25em; font-weight: 700 }
    ul { padding-left: 1.25em }
    .mark { display: inline-block; padding: 0 .5em; border: 1px solid #7a4100; border-radius: 4px; color: #7a4100; font-size: .85em }
    a { color: #14548c }
    :focus-visible { outline: 3px solid #000; outline-offset: 2px; box-shadow: 0 0 0 2px #ffd43d }
    [hidden] { display: none }`;

  /** An element with attributes and children; strings become text, never markup. */
  function make(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key_, value] of Object.entries(attributes || {})) element.setAttribute(key_, value);
    element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return element;
  }

  function link(href, text) {
    return make("a", { href }, text);
  }

  /** Telephone and mail of whom to ask; addresses of links are built from what can only be one. */
  function contact(found) {
    const lines = [];
    if (found && found.phone) {
      const number = String(found.phone);
      lines.push(make("p", {}, `${words.phone} `, link(`tel:${number.replace(/[^0-9+-]/g, "")}`, number)));
    }
    if (found && found.email) {
      const mail = String(found.email);
      lines.push(make("p", {}, `${words.email} `, link(`mailto:${encodeURIComponent(mail).replace("%40", "@")}`, mail)));
    }
    return lines;
  }

  function place(item) {
    return item.district ? `${words.district} ${item.district.no} ${item.district.name}` : null;
  }

  function show(area, answer) {
    const found = answer.associations || [];
    const parts = [make("p", { class: "head" }, words[answer.outcome] || words.result)];
    if (answer.outcome === "one" && found.length) {
      parts.push(make("p", { class: "name", lang: "ja" }, found[0].name));
      if (place(found[0])) parts.push(make("p", { lang: "ja" }, place(found[0])));
    } else if (found.length) {
      const items = found.map((item) => make("li", {}, [item.name, place(item)].filter(Boolean).join("、")));
      parts.push(make("ul", { lang: "ja" }, ...items));
    }
    parts.push(make("p", { lang: "ja" }, answer.message || ""));
    if (answer.outcome === "one" && found.length) parts.push(...contact(found[0].contact));
    const credit = answer.dataset;
    if (credit && credit.quality && credit.quality !== "real" && credit.quality_label) {
      parts.push(make("p", { class: "mark", lang: "ja" }, credit.quality_label));
    }
    area.replaceChildren(...parts);
    area.hidden = false;
    area.focus();
  }

  function build() {
    const host = make("div", { lang });
    const root = host.attachShadow({ mode: "open" });
    // A constructed sheet is not inline style: the host page's policy needs no unsafe-inline.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];

    const input = make("input", {
      id: "address", type: "text", autocomplete: "street-address", enterkeyhint: "search", "aria-describedby": "hint error",
    });
    const error = make("p", { id: "error", class: "error", role: "alert" });
    const status = make("p", { class: "hint", role: "status" });
    const area = make("div", { class: "answer", role: "group", tabindex: "-1", "aria-label": words.result, hidden: "" });
    const form = make(
      "form", { novalidate: "" },
      make("label", { for: "address" }, words.label),
      make("p", { id: "hint", class: "hint" }, words.hint),
      make("div", { class: "row" }, input, make("button", { type: "submit" }, words.ask)),
    );
    const more = make("a", { href: `${base}/lookup`, target: "_blank", rel: "noopener" }, words.more + words.tab);
    root.append(
      make(
        "section", { class: "box", "aria-labelledby": "title" },
        make("p", { id: "title", class: "title" }, words.title),
        form, error, status, area,
        make("p", { class: "foot" }, `${words.privacy} `, more),
      ),
    );

    /** Say what is wrong; the field gets the focus where it can be mended there. */
    function fail(text, atField) {
      error.textContent = text;
      status.textContent = "";
      area.hidden = true;
      if (!atField) return;
      input.setAttribute("aria-invalid", "true");
      input.focus();
    }

    let running = null;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const address = input.value.trim();
      error.textContent = "";
      input.removeAttribute("aria-invalid");
      if (!address) return fail(words.empty, true);
      if (address.length > 200) return fail(words.long, true);
      if (running) running.abort();
      const mine = (running = new AbortController());
      const timer = setTimeout(() => mine.abort(), 15000);
      area.hidden = true;
      status.textContent = words.asking;
      try {
        const headers = { "Content-Type": "application/json", Accept: "application/json" };
        if (key) headers.Authorization = `Bearer ${key}`;
        const response = await fetch(`${base}/api/v1/lookup`, {
          method: "POST", headers, body: JSON.stringify({ address }), credentials: "omit", cache: "no-store",
          referrerPolicy: "no-referrer", signal: mine.signal,
        });
        const answer = await response.json();
        if (mine !== running) return undefined;
        status.textContent = "";
        if (response.ok) return show(area, answer);
        if (response.status === 429) return fail(words.busy);
        if (response.status === 401 || response.status === 403) return fail(words.setup);
        return response.status === 422 ? fail(answer.detail || words.later, true) : fail(words.later);
      } catch {
        return mine === running ? fail(words.later) : undefined;
      } finally {
        clearTimeout(timer);
      }
    });
    return host;
  }

  function put() {
    const at = target ? document.querySelector(target) : null;
    if (at) at.replaceChildren(build());
    else if (target || !script.isConnected || script.closest("head")) document.body.append(build());
    else script.after(build());
  }

  if (document.readyState === "loading" && (target || script.closest("head"))) {
    document.addEventListener("DOMContentLoaded", put, { once: true });
  } else {
    put();
  }
})();
