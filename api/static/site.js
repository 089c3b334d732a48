// Progressive enhancement of pages that work without it: sortable tables, focus on what matters after a form.
"use strict";

(() => {
  const collator = new Intl.Collator("ja", { numeric: true });

  /** Value a row is sorted by in a column: number, text, or null for missing (always last). */
  function sortValue(row, index, numeric) {
    const cell = row.cells[index];
    const raw = cell.dataset.value ?? cell.textContent.trim();
    if (raw === "") return null;
    return numeric ? Number(raw) : raw;
  }

  function compare(a, b, numeric) {
    return numeric ? a - b : collator.compare(a, b);
  }

  function sortBy(table, index, direction) {
    const headers = [...table.tHead.rows[0].cells];
    const numeric = index === 0 || headers[index].hasAttribute("data-numeric");
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row, at) => ({ row, at, value: sortValue(row, index, numeric) }));
    rows.sort((a, b) => {
      if (a.value === null || b.value === null) return (a.value === null) - (b.value === null) || a.at - b.at;
      return direction * compare(a.value, b.value, numeric) || a.at - b.at;
    });
    body.append(...rows.map((item) => item.row));
    headers.forEach((header, at) => {
      if (at === index) header.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
      else header.removeAttribute("aria-sort");
    });
  }

  function makeSortable(table) {
    if (table.tBodies[0].rows.length < 2) return;
    [...table.tHead.rows[0].cells].forEach((header, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort-button";
      header.dataset.label = header.textContent.trim(); // on paper: a button is not printed again on the next sheet
      button.append(...header.childNodes);
      header.append(button);
      button.addEventListener("click", () => {
        // Figures are mostly wanted highest first, names from the beginning.
        const first = header.hasAttribute("data-numeric") ? -1 : 1;
        const now = header.getAttribute("aria-sort");
        const direction = now === null ? first : now === "ascending" ? -1 : 1;
        sortBy(table, index, direction);
      });
    });
  }

  document.querySelectorAll("table[data-sortable]").forEach(makeSortable);

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  const wanted = document.querySelector("[data-focus]");
  if (wanted && !location.hash) wanted.focus({ preventScroll: false });
})();
