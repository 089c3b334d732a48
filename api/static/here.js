// 「現在地で調べる」: the device's position with its accuracy, so that a border near by gives several answers.
"use strict";

(() => {
  const button = document.getElementById("here");
  if (!button || !navigator.geolocation || !window.isSecureContext) return;
  const told = document.getElementById("here-status");
  button.closest("[hidden]").hidden = false;

  const REASONS = {
    1: "現在地の利用が許可されていません。ブラウザーの設定を確かめるか、住所で調べてください。",
    2: "現在地を確かめられませんでした。住所で調べてください。",
    3: "現在地を確かめるのに時間がかかりすぎました。もう一度お試しください。",
  };

  button.addEventListener("click", () => {
    button.disabled = true;
    told.textContent = "現在地を確かめています…";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const form = document.getElementById("here-form");
        form.elements.lon.value = coords.longitude.toFixed(6);
        form.elements.lat.value = coords.latitude.toFixed(6);
        form.elements.accuracy.value = String(Math.ceil(coords.accuracy));
        form.requestSubmit();
      },
      (error) => {
        button.disabled = false;
        told.textContent = REASONS[error.code] ?? REASONS[2];
      },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 },
    );
  });
})();
