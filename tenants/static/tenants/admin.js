// Select2 names a field after what is chosen in it, and that may be nothing: its label names it.
"use strict";

function nameSelects() {
  for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
    const label = select.labels[0];
    const shown = document.getElementById(`select2-${select.id}-container`);
    if (!label || !shown) continue;
    label.id ||= `${select.id}-label`;
    shown.setAttribute("aria-labelledby", label.id);
    shown.closest("[role=combobox]").setAttribute("aria-labelledby", `${label.id} ${shown.id}`);
  }
}

// After what jQuery itself does when the page is ready, which is where Select2 begins.
document.addEventListener("DOMContentLoaded", () => window.django?.jQuery?.(nameSelects));
document.addEventListener("formset:added", () => setTimeout(nameSelects));
