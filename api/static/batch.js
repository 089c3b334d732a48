// The upload pages work without this: it says at once when a file is too large, and follows the progress.
"use strict";

(() => {
  const form = document.querySelector("form.upload-form");
  if (form) {
    const input = form.querySelector("input[type=file]");
    const told = document.getElementById("file-error");
    const limit = Number(form.dataset.maxBytes);

    /** Show or take away the sentence about the size; a large file would only be cut off by the server. */
    const check = () => {
      const file = input.files[0];
      const large = Boolean(file) && file.size > limit;
      told.hidden = !large;
      told.textContent = large ? `ファイルが大きすぎます（${limit / 1048576} MB まで）。行や列を減らしてください。` : "";
      input.toggleAttribute("aria-invalid", large);
      if (large) input.setAttribute("aria-invalid", "true");
      return !large;
    };
    input.addEventListener("change", check);
    form.addEventListener("submit", (event) => {
      if (check()) return;
      event.preventDefault();
      input.focus();
    });
  }

  const progress = document.querySelector(".progress[data-state]");
  if (!progress) return;
  const bar = progress.querySelector("progress");
  const done = progress.querySelector("[data-done]");
  const figures = new Intl.NumberFormat("ja");
  let wait = 1000;

  async function look() {
    try {
      const answer = await fetch(progress.dataset.state, { headers: { accept: "application/json" }, cache: "no-store" });
      if (answer.status === 404 || answer.status === 401) return location.reload();
      if (!answer.ok) throw new Error(String(answer.status));
      const now = await answer.json();
      if (now.state !== "waiting" && now.state !== "running") return location.reload();
      if (now.state === "running") document.getElementById("heading").textContent = "調べています";
      bar.value = now.done;
      done.textContent = figures.format(now.done);
      wait = 1000;
    } catch {
      wait = Math.min(wait * 2, 15000);
    }
    return setTimeout(look, wait);
  }
  setTimeout(look, wait);
})();
