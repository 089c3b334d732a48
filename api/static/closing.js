// The year of the closing table as a slider: the table is filled while it is dragged. Without this script the form works.
"use strict";
(() => {
  const form = document.querySelector("form[data-closing]");
  const select = form && form.elements.namedItem("year");
  const status = document.querySelector("[data-closing-status]");
  const caption = document.querySelector("[data-closing-caption]");
  if (!select || select.options.length < 2) return;

  const years = Array.from(select.options, (option) => option.value);
  const slider = document.createElement("input");
  slider.type = "range";
  slider.id = "reach-slider";
  slider.className = "reach-slider";
  slider.min = "0";
  slider.max = String(years.length - 1);
  slider.step = "1";
  slider.value = String(select.selectedIndex);
  const label = document.createElement("label");
  label.htmlFor = slider.id;
  label.append("年を動かす：");
  const shown = document.createElement("output");
  shown.htmlFor = slider.id;
  label.append(shown);
  const box = document.createElement("div");
  box.className = "reach-slide";
  box.append(label, slider, status);
  form.after(box);

  const number = (value) => value.toLocaleString("ja-JP");
  const say = () => {
    shown.textContent = select.options[select.selectedIndex].textContent;
    slider.setAttribute("aria-valuetext", shown.textContent);
  };
  const room = (row) =>
    number(row.without_room) + (row.room_unknown ? `（ほか ${number(row.room_unknown)} 人は行き先の定員が不明）` : "");
  const goes = (to) => {
    if (!to.length) return "なし";
    const first = to.slice(0, 3).map((item) => `${item.name} ${number(item.people)} 人`).join("、");
    return to.length > 3 ? `${first}、ほか ${to.length - 3} か所` : first;
  };
  const cells = (row) => {
    if (!row.open) return { open: ["開いていない"] };
    const km = row.added_person_m / 1000;
    return {
      open: ["開館"],
      people: [number(row.people), row.people],
      longer_m: row.longer_m === null ? ["—"] : [number(row.longer_m), row.longer_m],
      added_km: [number(Math.round(km)), Math.round(km)],
      pushed_out: [number(row.pushed_out), row.pushed_out],
      pushed_out_65: row.pushed_out_65 === null ? ["不明"] : [number(row.pushed_out_65), row.pushed_out_65],
      stranded: [number(row.stranded), row.stranded],
      without_room: [room(row), row.without_room],
      pushed_out_no_car: row.pushed_out_no_car === null ? ["—"] : [number(row.pushed_out_no_car), row.pushed_out_no_car],
      pushed_out_no_car_65:
        row.pushed_out_no_car_65 === null ? ["—"] : [number(row.pushed_out_no_car_65), row.pushed_out_no_car_65],
      to: [goes(row.to)],
    };
  };
  const fill = (answer) => {
    const lines = new Map(Array.from(document.querySelectorAll("[data-closing-row]"), (tr) => [tr.dataset.closingRow, tr]));
    for (const row of answer.facilities) {
      const line = lines.get(row.id);
      if (!line) continue;
      const texts = cells(row);
      for (const cell of line.querySelectorAll("[data-column]")) {
        if (cell.dataset.column === "shelters") continue;
        const [text, value] = texts[cell.dataset.column] || ["—"];
        cell.textContent = text;
        if (cell.classList.contains("numeric")) cell.dataset.value = value === undefined ? "" : String(value);
      }
    }
    const assumed = document.querySelector(".reach-assumed ul");
    assumed.replaceChildren(
      ...answer.assumptions.map((text) => Object.assign(document.createElement("li"), { textContent: text })),
    );
    for (const link of document.querySelectorAll(".downloads a, .reach-tabs a[data-keeps]")) {
      const address = new URL(link.href);
      address.searchParams.set("year", String(answer.year));
      link.href = address.href;
    }
    const sheets = document.querySelector(".close-sheets");
    if (sheets) {
      const [first, last] = sheets.dataset.years.split("-").map(Number);
      for (const link of sheets.querySelectorAll("a")) {
        const address = new URL(link.href);
        if (answer.year >= first && answer.year <= last) address.searchParams.set("year", String(answer.year));
        else address.searchParams.delete("year");
        link.href = address.href;
      }
    }
    caption.textContent = caption.textContent.replace(/^[^に]*に、/, `${answer.year_label}に、`);
    status.textContent = `${answer.year_label}の表にしました。`;
  };

  const base = new URLSearchParams(location.search);
  let asked = null;
  let waiting = false;
  const ask = async () => {
    if (asked) {
      waiting = true; // one question at a time; the last position is asked when it comes back
      return;
    }
    asked = select.value;
    base.set("year", asked);
    try {
      const answer = await fetch(`/api/v1/facilities/closing?${base}`, { headers: { accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      fill(await answer.json());
      history.replaceState(null, "", `?${base}`);
    } catch {
      status.textContent = "この年の表を読み込めませんでした。「表示する」を押してください。";
    }
    asked = null;
    if (waiting) {
      waiting = false;
      ask();
    }
  };
  slider.addEventListener("input", () => {
    select.selectedIndex = Number(slider.value);
    say();
    ask();
  });
  select.addEventListener("change", () => {
    slider.value = String(select.selectedIndex);
    say();
    ask();
  });
  say();
})();
