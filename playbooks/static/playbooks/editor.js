/* The editor of a localization works without this; with it, one keeps one's place. */
(() => {
    "use strict";

    /* A link to a step opens it. */
    function openTarget() {
        const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
        if (target instanceof HTMLDetailsElement) {
            target.open = true;
            target.querySelector("summary").focus();
        }
    }

    /* What was asked for has come: where nothing new takes the focus, the step keeps it. */
    function keepFocus(event) {
        const step = document.getElementById(event.detail.target.id);
        if (step instanceof HTMLDetailsElement && document.activeElement === document.body) {
            step.querySelector("summary").focus();
        }
    }

    /* Unsaved words are not lost by a link. */
    let typed = false;
    const isEditor = (event) => event.target.closest?.("#localization_form");
    document.addEventListener("input", (event) => (typed ||= Boolean(isEditor(event))));
    document.addEventListener("submit", () => (typed = false));
    window.addEventListener("beforeunload", (event) => {
        if (typed) {
            event.preventDefault();
        }
    });

    document.addEventListener("htmx:afterSettle", keepFocus);
    window.addEventListener("hashchange", openTarget);
    if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", openTarget);
    } else {
        openTarget();
    }
})();
