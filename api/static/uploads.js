// Pages that take files work without this: it says at once when files are too large, and follows the progress.
// The words are the page's own: data-too-large of the form, and what the state of the work answers.
"use strict";

(() => {
  const form = document.querySelector("form[data-max-bytes]");
  if (form) {
    const input = form.querySelector("input[type=file]");
    const told = document.getElementById(`${input.id}-error`);
    const limit = Number(form.dataset.maxBytes);

    /** Show or take away the sentence about the size; large files would only be cut off by the server. */
    const check = () => {
      const large = [...input.files].reduce((sum, file) => sum + file.size, 0) > limit;
      if (large || told.dataset.ours) {
        told.dataset.ours = "yes";
        told.hidden = !large;
        told.textContent = large ? form.dataset.tooLarge : "";
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
  const figures = new Intl.NumberFormat("ja");
  let wait = 700;

  const show = (selector, text) => {
    const found = document.querySelector(selector);
    if (found && text !== undefined && found.textContent !== text) found.textContent = text;
  };

  async function look() {
    try {
      const answer = await fetch(progress.dataset.state, { headers: { accept: "application/json" }, cache: "no-store" });
      if (answer.status === 404 || answer.status === 401) return location.reload();
      if (!answer.ok) throw new Error(String(answer.status));
      const now = await answer.json();
      if (!now.running) return location.reload();
      bar.value = now.done;
      show(".progress [data-done]", figures.format(now.done));
      show(".progress [data-step]", now.words);
      show("#heading", now.heading);
      wait = 1000;
    } catch {
      wait = Math.min(wait * 2, 15000);
    }
    return setTimeout(look, wait);
  }
  setTimeout(look, wait);
})();
