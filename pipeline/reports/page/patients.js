/* The listing of patients, and the way to each one's course: an address (#patient=ID) opens it, Back and Escape close it. */
(function () {
  "use strict";
  const held = (id) => JSON.parse(document.getElementById(id).textContent);
  const listing = held("listing-data");
  const PAGE = 100;
  const [NO, ID, STATUS, GRADE, CEILING, ONSET, GAP, DAYS, END, FLAGS, SITE, ABOUT] = listing.columns.map((_, index) => index);
  const byId = new Map(listing.rows.map((row) => [row[ID], row]));
  const dialog = document.getElementById("patient");

  // Where a patient's course is: in this page, or in a page of its own.
  const target = (row) => (listing.folder
    ? `${listing.folder}/${String(row[NO]).padStart(listing.digits, "0")}.html`
    : `#patient=${encodeURIComponent(row[ID])}`);
  const go = (id) => { if (byId.has(id)) window.location.href = target(byId.get(id)); };

  // A click on a figure: the patients of its points, else those of its rows (CONTRIBUTING.md, A way to the patient).
  const patientOf = (plot, point) => {
    const place = [].concat(point.pointNumber);
    const own = point.data.meta && point.data.meta.patients;
    if (own) return own[place[0]];
    const rows = plot.layout.meta && plot.layout.meta.patients;
    return rows && rows[point.data.type === "heatmap" ? place[0] : Math.round(point.y)];
  };
  window.leadToPatients = (plot) => {
    const leads = (plot.layout.meta && plot.layout.meta.patients) || plot.data.some((trace) => trace.meta && trace.meta.patients);
    if (!leads) return;
    plot.classList.add("leads");
    plot.on("plotly_click", ({ points }) => {
      const id = points.map((point) => patientOf(plot, point)).find((one) => one !== undefined && one !== null);
      if (id !== undefined) go(id);
    });
  };

  // The listing: filtered, sorted, a page at a time.
  const form = document.getElementById("filters");
  const body = document.querySelector("#listing tbody");
  const shown = document.getElementById("filtered");
  const pager = document.getElementById("pager");
  const flag = (name) => listing.flags[name] || name.replace(/_/g, " ");
  const texts = listing.rows.map((row) =>
    [row[ID], row[STATUS], row[GRADE] === null ? "" : `grade ${row[GRADE]}`, row[SITE], row[ABOUT], row[END], ...row[FLAGS].map(flag)].join(" ").replace(/\s+/g, " ").toLowerCase());
  const places = new Map(listing.rows.map((row, index) => [row, index]));
  const number = (text) => Number(text.slice(1));
  const fitsGrade = (row, asked) => asked === "" || (asked === "none" ? row[GRADE] === null
    : asked[0] === "+" ? row[GRADE] !== null && row[GRADE] >= number(asked) : row[GRADE] === number(asked));
  let sorted = { column: null, down: false };
  let current = listing.rows;
  let first = 0;

  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    Object.entries(attributes || {}).forEach(([name, value]) => node.setAttribute(name, value));
    node.append(...children);
    return node;
  };
  const dash = (value) => (value === null ? "–" : String(value));

  function rowNode(row) {
    const grade = row[GRADE] ? make("span", { class: `grade grade-${row[GRADE]}` }, String(row[GRADE])) : row[GRADE] === 0 ? "none" : "–";
    return make("tr", { "data-patient": row[ID] },
      make("th", { scope: "row" }, make("a", { href: target(row) }, row[ID])),
      make("td", { class: "text" }, row[STATUS]),
      make("td", { class: "text" }, grade, ...(row[CEILING] === null ? [] : [make("span", { class: "ceiling" }, ` up to ${row[CEILING]}`)])),
      make("td", {}, dash(row[ONSET])), make("td", {}, dash(row[GAP])), make("td", {}, dash(row[DAYS])), make("td", { class: "text" }, row[END]),
      make("td", { class: "text" }, dash(row[SITE])), make("td", { class: "text" }, row[FLAGS].map(flag).join("; ")));
  }

  function render() {
    const last = Math.min(first + PAGE, current.length);
    body.replaceChildren(...current.slice(first, last).map(rowNode));
    shown.textContent = `${current.length.toLocaleString("en")} of ${listing.rows.length.toLocaleString("en")} shown`;
    pager.hidden = current.length <= PAGE;
    pager.querySelector("span").textContent = `${(first + 1).toLocaleString("en")} to ${last.toLocaleString("en")} of ${current.length.toLocaleString("en")}`;
    pager.querySelector(".before").disabled = first === 0;
    pager.querySelector(".after").disabled = last === current.length;
  }

  function apply() {
    const asked = Object.fromEntries(new FormData(form));
    const words = (asked.text || "").toLowerCase().split(/\s+/).filter(Boolean);
    current = listing.rows.filter((row) => fitsGrade(row, asked.grade || "")
      && (!asked.site || (row[SITE] === null ? "" : row[SITE]) === asked.site.slice(1))
      && (!asked.flag || row[FLAGS].includes(asked.flag))
      && (!asked.status || row[STATUS] === asked.status)
      && words.every((word) => texts[places.get(row)].includes(word)));
    if (sorted.column !== null) {
      const column = sorted.column;
      const key = (row) => (column === FLAGS ? row[FLAGS].map(flag).join("; ") : row[column]);
      const order = (a, b) => (typeof a === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true }));
      current.sort((one, other) => {
        const [a, b] = [key(one), key(other)];
        if (a === null || b === null) return (a === null) - (b === null);
        return (sorted.down ? -1 : 1) * order(a, b) || places.get(one) - places.get(other);
      });
    }
    first = 0;
    render();
  }

  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  document.querySelectorAll("#listing thead button").forEach((button) => button.addEventListener("click", () => {
    const column = Number(button.dataset.column);
    sorted = { column, down: sorted.column === column ? !sorted.down : [GRADE, DAYS].includes(column) };
    document.querySelectorAll("#listing thead th").forEach((head) => head.removeAttribute("aria-sort"));
    button.closest("th").setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
    apply();
  }));
  pager.querySelector(".before").addEventListener("click", () => { first = Math.max(0, first - PAGE); render(); });
  pager.querySelector(".after").addEventListener("click", () => { first += PAGE; render(); });
  apply();

  // The course in this page.
  const asked = () => {
    if (!window.location.hash.startsWith("#patient=")) return null;
    try { return decodeURIComponent(window.location.hash.slice(9)); } catch (fault) { return null; }
  };
  let entered = false;
  let system = null;
  let leave = null;

  function open(id) {
    const row = byId.get(id);
    if (listing.folder) { window.location.replace(target(row)); return; }
    const [before, after] = ["previous", "next"].map((name) => dialog.querySelector(`.${name}`));
    const at = current.indexOf(row);
    [[before, current[at - 1]], [after, at < 0 ? undefined : current[at + 1]]].forEach(([button, other]) => {
      button.disabled = !other;
      button.onclick = () => { window.history.replaceState(window.history.state, "", target(other)); open(other[ID]); };
    });
    if (!dialog.open) { leave = document.activeElement; dialog.showModal(); }
    const title = Course.show(dialog.querySelector(".course"), held(`patient-${row[NO]}`), held("patients-shared"), {
      level: 2, system, onSystem: (chosen) => { system = chosen; },
    });
    dialog.scrollTop = 0;
    title.focus({ preventScroll: true });
  }
  function shut() {
    if (!dialog || !dialog.open) return;
    dialog.close();
    dialog.querySelector(".course").replaceChildren();
    if (leave && leave.isConnected && leave !== document.body) leave.focus({ preventScroll: true });
  }
  function follow() {
    const id = asked();
    if (id !== null && byId.has(id)) open(id); else shut();
  }
  // Closing is going back, where the reader came from this page; else the address is set right.
  function close() {
    if (entered) { entered = false; window.history.back(); return; }
    window.history.replaceState(null, "", window.location.pathname + window.location.search);
    shut();
  }
  window.addEventListener("hashchange", (event) => {
    entered = asked() !== null && !new URL(event.oldURL).hash.startsWith("#patient=");
    follow();
  });
  // What lies over the page is cut to one sheet of paper: for printing the open course stands in the page.
  const stand = (event, of) => window.addEventListener(event, () => {
    if (!dialog || !dialog.open || dialog.matches(":modal") !== of) return;
    dialog.close();
    if (of) dialog.show(); else dialog.showModal();
  });
  stand("beforeprint", true);
  stand("afterprint", false);
  if (dialog) {
    dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(); });
    dialog.querySelector(".close").addEventListener("click", close);
    dialog.addEventListener("click", (event) => { if (event.target === dialog) close(); });
  }
  follow();
})();
