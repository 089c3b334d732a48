// The datasets pages work without this: it says at once when files are too large, and follows the progress.
"use strict";

(() => {
  const form = document.querySelector("form[data-max-bytes]");
  if (form) {
    const input = form.querySelector("input[type=file]");
    const told = document.getElementById("files-error");
    const limit = Number(form.dataset.maxBytes);
    const check = () => {
      const size = [...input.files].reduce((sum, file) => sum + file.size, 0);
      const large = size > limit;
      if (large || told.dataset.ours) {
        told.hidden = !large;
        told.dataset.ours = "yes";
        told.textContent = large
          ? `ファイルが大きすぎます（合わせて ${limit / 1048576} MB まで）。大きいものはコマンドラインで読み込んでください。`
          : "";
        if (large) input.setAttribute("aria-invalid", "true");
        else input.removeAttribute("aria-invalid");
      }
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
  const step = progress.querySelector("[data-step]");
  let wait = 700;

  async function look() {
    try {
      const answer = await fetch(progress.dataset.state, { headers: { accept: "application/json" }, cache: "no-store" });
      if (answer.status === 404 || answer.status === 401) return location.reload();
      if (!answer.ok) throw new Error(String(answer.status));
      const now = await answer.json();
      if (!now.running) return location.reload();
      bar.value = now.done;
      step.textContent = now.words;
      wait = 1000;
    } catch {
      wait = Math.min(wait * 2, 15000);
    }
    return setTimeout(look, wait);
  }
  setTimeout(look, wait);
})();
