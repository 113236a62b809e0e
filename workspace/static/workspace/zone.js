// Proposes the market in whose time zone the browser is. Without this file a person chooses.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const choice of document.querySelectorAll("select:has([data-zone])")) {
    const here = [...choice.options].find((option) => option.dataset.zone === zone);
    if (here && !choice.value) choice.value = here.value;
  }
});
