// What the pages cannot say in HTML: a file that is dropped, a clock that ticks, and a console that has ended.
"use strict";

const TICK_MILLISECONDS = 1000;

function elapsed(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole}\u00a0s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}\u00a0min ${two(whole % 60)}\u00a0s`;
  return `${Math.floor(whole / 3600)}\u00a0h ${two(Math.floor(whole / 60) % 60)}\u00a0min`;
}

function tick() {
  for (const place of document.querySelectorAll("[data-since]")) {
    place.textContent = elapsed((Date.now() - Date.parse(place.dataset.since)) / 1000);
  }
}

function showEnded(ended) {
  document.getElementById("ended").hidden = !ended;
}

function setUpDrop(form) {
  const zone = document.getElementById("zone");
  const input = document.getElementById("file");
  const classifier = document.getElementById("classifier");
  const checked = document.getElementById("checked");
  let turn = 0;

  async function check(file) {
    if (!file) return;
    if (!classifier.reportValidity()) return;
    const mine = ++turn;
    const waiting = document.createElement("p");
    waiting.className = "checking";
    waiting.textContent = form.dataset.checking;
    checked.replaceChildren(waiting);
    let html;
    try {
      const answer = await fetch(`${form.dataset.check}?${new URLSearchParams({ classifier: classifier.value })}`, {
        method: "POST",
        mode: "same-origin",
        headers: {
          "HX-Request": "true",
          "X-File-Name": encodeURIComponent(file.name),
          "X-File-Size": String(file.size),
        },
        body: file.size > Number(form.dataset.most) ? null : file,
      });
      html = await answer.text();
    } catch {
      if (mine === turn) {
        checked.replaceChildren();
        showEnded(true);
      }
      return;
    }
    // Another file was chosen meanwhile.
    if (mine !== turn) return;
    showEnded(false);
    // The console's own server has escaped what the file holds.
    checked.innerHTML = html;
    htmx.process(checked);
    checked.querySelector("[tabindex]")?.focus();
  }

  input.addEventListener("change", () => {
    check(input.files[0]);
    // The same file, once changed, can be chosen again.
    input.value = "";
  });
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.remove("over");
    });
  }
  zone.addEventListener("drop", (event) => check(event.dataTransfer.files[0]));
  // A file that misses the zone would replace the page.
  for (const name of ["dragover", "drop"]) {
    document.addEventListener(name, (event) => event.preventDefault());
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  classifier.addEventListener("input", () => {
    turn++;
    checked.replaceChildren();
  });
}

document.addEventListener("htmx:error", (event) => {
  if (event.detail.error instanceof TypeError) showEnded(true);
});
document.addEventListener("htmx:after:request", () => showEnded(false));
document.addEventListener("htmx:after:swap", tick);

const dropForm = document.getElementById("drop-form");
if (dropForm) setUpDrop(dropForm);
tick();
setInterval(tick, TICK_MILLISECONDS);
