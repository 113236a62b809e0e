// Keys, focus and trouble. Without this file every page still works: forms post, links lead.
"use strict";

(() => {
  const ROW = "[data-row]";
  const KEYS_OFF = "keys-off";
  const rowOf = (element) => element?.closest?.(ROW) ?? null;
  const isTyping = (element) => element.matches?.("input, select, textarea, [contenteditable]");

  // Single keys can be switched off, as they get in the way of speech input (WCAG 2.1.4).
  const keysAreOn = () => localStorage.getItem(KEYS_OFF) === null;

  function move(step) {
    const rows = [...document.querySelectorAll(ROW)];
    const at = rows.indexOf(rowOf(document.activeElement));
    const next = rows[at < 0 ? 0 : at + step];
    next?.focus();
    return Boolean(next);
  }

  function closePanel() {
    const row = rowOf(document.activeElement);
    const panel = row?.querySelector(".panel");
    if (!panel?.firstElementChild) return false;
    panel.replaceChildren();
    row.focus();
    return true;
  }

  function press(key) {
    const target = rowOf(document.activeElement)?.querySelector(`[data-key="${key}"]`);
    const found = target ?? document.querySelector(`[data-page-key="${key}"]`);
    found?.click();
    return Boolean(found);
  }

  function search() {
    const field = document.querySelector("[data-search]");
    field?.focus();
    field?.select();
    return Boolean(field);
  }

  function showKeys() {
    document.getElementById("keys").showModal();
    return true;
  }

  const GENERAL = { j: () => move(1), k: () => move(-1), "/": search, "?": showKeys };
  // Outside a row the arrows scroll.
  const IN_A_ROW = { ArrowDown: () => move(1), ArrowUp: () => move(-1) };

  function act(event) {
    if (event.key === "Escape") return closePanel();
    if (isTyping(event.target)) return false;
    if (rowOf(document.activeElement) && IN_A_ROW[event.key]) return IN_A_ROW[event.key]();
    if (!keysAreOn()) return false;
    return GENERAL[event.key] ? GENERAL[event.key]() : /^[a-z]$/.test(event.key) && press(event.key);
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (act(event)) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]") && closePanel()) event.preventDefault();
    if (event.target.closest("[data-show-keys]")) showKeys();
  });

  // Choosing several tasks: Shift chooses all up to the last one that was touched.
  let lastChosen = null;
  const boxes = () => [...document.querySelectorAll("[data-select]")];

  function countChosen() {
    const count = document.querySelector("[data-chosen]");
    const all = document.querySelector("[form=bulk][name=everything]")?.checked;
    if (!count) return;
    count.textContent = all ? count.dataset.chosen : boxes().filter((box) => box.checked).length;
  }

  document.addEventListener("click", (event) => {
    if (event.target.matches("[data-select-all]")) {
      for (const box of boxes()) box.checked = true;
    } else if (event.target.matches("[data-select-none]")) {
      for (const box of document.querySelectorAll("[form=bulk][type=checkbox]")) box.checked = false;
    } else if (event.target.matches("[data-select]")) {
      const all = boxes();
      const [from, to] = [all.indexOf(lastChosen), all.indexOf(event.target)].sort((a, b) => a - b);
      if (event.shiftKey && from >= 0) {
        for (const box of all.slice(from, to + 1)) box.checked = event.target.checked;
      }
      lastChosen = event.target;
    } else if (!event.target.matches("[form=bulk][name=everything]")) return;
    countChosen();
  });
  document.addEventListener("htmx:afterSettle", countChosen);

  // Where the focus goes once an answer has replaced what had it.
  const afterwards = new WeakMap();

  function focusRow(id) {
    const row = document.getElementById(id);
    const panel = row?.querySelector(".panel");
    const wrong = panel?.querySelector("[autofocus]");
    const field = panel?.querySelector("input:not([type=hidden]), select, textarea");
    (wrong ?? field ?? row)?.focus();
  }

  function focusOn(row) {
    if (!row) return;
    row.tabIndex = -1;
    row.focus();
  }

  // Who cannot see the list change hears what it holds now.
  function tellOf(list) {
    const lines = [...list.querySelectorAll("h2, caption")].map((each) => each.textContent.trim());
    document.getElementById("news").textContent = lines.join(". ");
  }

  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    const row = rowOf(detail.elt);
    const before = detail.elt.closest(".more")?.previousElementSibling;
    if (row) afterwards.set(detail.xhr, () => focusRow(row.id));
    else if (before) afterwards.set(detail.xhr, () => focusOn(before.nextElementSibling));
  });
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    afterwards.get(detail.xhr)?.();
    if (detail.target.id === "list") tellOf(detail.target);
  });

  function complain(about) {
    const trouble = document.getElementById("trouble");
    trouble.textContent = trouble.dataset[about];
    trouble.hidden = false;
    trouble.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("htmx:responseError", ({ detail }) => {
    complain([403, 404].includes(detail.xhr.status) ? "stale" : "lost");
  });
  document.addEventListener("htmx:sendError", () => complain("lost"));
  document.addEventListener("htmx:afterOnLoad", () => {
    document.getElementById("trouble").hidden = true;
  });

  document.addEventListener("DOMContentLoaded", () => {
    const choice = document.getElementById("keys-on");
    choice.checked = keysAreOn();
    choice.addEventListener("change", () => {
      if (choice.checked) localStorage.removeItem(KEYS_OFF);
      else localStorage.setItem(KEYS_OFF, "1");
    });
  });
})();
