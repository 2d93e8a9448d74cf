// Refreshes the main part of a page when the server says that something has changed, and every
// two seconds where something is under way (data-live="soon"). Pages work without it.
(() => {
  "use strict";
  const main = document.getElementById("main");
  if (!main || !("live" in main.dataset) || !window.EventSource) return;
  let busy = false;
  let again = false;

  const inUse = () => {
    const active = document.activeElement;
    const selected = String(window.getSelection() || "") !== "";
    return selected || (active && main.contains(active) && active.matches("input, select, textarea"));
  };

  const open = () => [...main.querySelectorAll("details")].map((part) => part.open);

  const place = () => {
    const active = document.activeElement;
    if (!active || active === main || !main.contains(active)) return -1;
    return [...main.querySelectorAll("a, button, summary")].indexOf(active);
  };

  const show = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("main");
    if (!fresh || !("live" in fresh.dataset) || fresh.innerHTML === main.innerHTML) return;
    main.dataset.live = fresh.dataset.live;
    const opened = open();
    const focused = place();
    main.replaceChildren(...fresh.childNodes);
    main.querySelectorAll("details").forEach((part, index) => { part.open = opened[index] ?? part.open; });
    if (focused >= 0) main.querySelectorAll("a, button, summary")[focused]?.focus({ preventScroll: true });
  };

  const refresh = async () => {
    if (busy || document.hidden || inUse()) { again = true; return; }
    busy = true;
    again = false;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (answer.redirected) { location.reload(); return; }
      if (answer.ok) show(await answer.text());
    } catch {
      again = true;
    } finally {
      busy = false;
    }
  };

  let source;
  const listen = () => {
    source = new EventSource("/live");
    source.onmessage = refresh;
  };
  window.addEventListener("pagehide", () => source.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) { listen(); refresh(); } });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && again) refresh(); });
  setInterval(() => { if (again || main.dataset.live === "soon") refresh(); }, 2000);
  listen();
})();
