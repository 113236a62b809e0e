/* Choosing days in a market's year: by click or tap, and with the keys of a grid. Without this
   script the days are chosen one by one, or written into the two fields. */
(() => {
    "use strict";

    const DAY = 86_400_000;
    let open = false; // a first day was chosen and a last one may follow

    const form = () => document.getElementById("year-pick");
    const days = () => [...document.querySelectorAll("#year .cs-pick-day")];
    const buttonOf = (day) => document.querySelector(`#year .cs-pick-day[value="${day}"]`);
    const isoOf = (time) => new Date(time).toISOString().slice(0, 10);
    const moved = (day, count) => isoOf(Date.parse(day) + count * DAY);

    function movedByMonth(day, count) {
        const [year, month, number] = day.split("-").map(Number);
        const last = new Date(Date.UTC(year, month + count, 0)).getUTCDate();
        return isoOf(Date.UTC(year, month - 1 + count, Math.min(number, last)));
    }

    function inWords(day) {
        const format = new Intl.DateTimeFormat(document.documentElement.lang || "en", {
            dateStyle: "long",
            timeZone: "UTC",
        });
        return format.format(new Date(day));
    }

    function choose(first, last) {
        const fields = form().elements;
        fields.start.value = first;
        fields.end.value = last;
        show();
    }

    function pick(day, extend) {
        const start = form().elements.start.value;
        if ((open || extend) && start) {
            open = false;
            choose(day < start ? day : start, day < start ? start : day);
        } else {
            open = true;
            choose(day, day);
        }
    }

    function show() {
        const { start, end } = form().elements;
        const [first, last] = [start.value, end.value || start.value];
        const chosen = (day) => Boolean(first) && first <= day && day <= last;
        for (const button of days()) {
            button.setAttribute("aria-pressed", String(chosen(button.value)));
        }
        for (const entry of document.querySelectorAll("#year .cs-entries [data-start]")) {
            const touched = first && entry.dataset.start <= last && entry.dataset.end >= first;
            entry.classList.toggle("cs-touched", Boolean(touched));
        }
        const said = document.getElementById("year-said");
        if (!first) {
            said.textContent = "";
        } else if (first === last) {
            said.textContent = buttonOf(first)?.getAttribute("aria-label") ?? inWords(first);
        } else {
            said.textContent = said.dataset.many
                .replace("{first}", inWords(first))
                .replace("{last}", inWords(last));
        }
    }

    function focus(day) {
        const button = buttonOf(day);
        if (!button) {
            return;
        }
        days().forEach((each) => (each.tabIndex = -1));
        button.tabIndex = 0;
        button.focus();
    }

    function target(event, day) {
        const forward = getComputedStyle(event.target).direction === "rtl" ? -1 : 1;
        const row = [...event.target.closest("tr").querySelectorAll(".cs-pick-day")];
        switch (event.key) {
            case "ArrowRight":
                return moved(day, forward);
            case "ArrowLeft":
                return moved(day, -forward);
            case "ArrowDown":
                return moved(day, 7);
            case "ArrowUp":
                return moved(day, -7);
            case "Home":
                return row[0].value;
            case "End":
                return row.at(-1).value;
            case "PageDown":
                return movedByMonth(day, 1);
            case "PageUp":
                return movedByMonth(day, -1);
            default:
                return null;
        }
    }

    function begin() {
        const all = days();
        if (!all.length) {
            return;
        }
        // One stop for the Tab key; the arrow keys go from day to day.
        const first =
            all.find((each) => each.getAttribute("aria-pressed") === "true") ??
            all.find((each) => each.closest("[aria-current]")) ??
            all[0];
        all.forEach((each) => (each.tabIndex = each === first ? 0 : -1));
        open = false;
        show();
    }

    document.addEventListener("click", (event) => {
        const button = event.target.closest("#year .cs-pick-day");
        if (button) {
            event.preventDefault();
            pick(button.value, event.shiftKey);
            focus(button.value);
        }
    });

    document.addEventListener("keydown", (event) => {
        const button = event.target.closest("#year .cs-pick-day");
        if (!button || event.altKey || event.ctrlKey || event.metaKey) {
            return;
        }
        if (event.key === "Escape") {
            open = false;
            choose("", "");
            return;
        }
        const day = target(event, button.value);
        if (day === null) {
            return;
        }
        event.preventDefault();
        focus(day);
        if (event.shiftKey && buttonOf(day)) {
            open = false;
            extendTo(button.value, day);
        }
    });

    /* Grow or shrink what is chosen, from the end that the focus stands on. */
    function extendTo(from, day) {
        const { start, end } = form().elements;
        const still = start.value === from ? end.value : start.value;
        const fixed = still || from;
        choose(day < fixed ? day : fixed, day < fixed ? fixed : day);
    }

    document.addEventListener("change", (event) => {
        if (event.target.closest("#year-pick")) {
            show();
        }
    });

    document.addEventListener("htmx:afterSwap", begin);
    if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", begin);
    } else {
        begin();
    }
})();
