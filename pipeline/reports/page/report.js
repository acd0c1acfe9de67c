/* Draws the figures, filters the listing, marks the place in the contents. No request is made by any of it. */
(function () {
  "use strict";
  const config = JSON.parse(document.getElementById("config").textContent);
  const plots = Array.from(document.querySelectorAll(".plot"));

  // A picture of lines and letters, which a journal can enlarge; made in the page, as the PNG is.
  const asLines = {
    name: "svg",
    title: "Download picture as an SVG",
    icon: Plotly.Icons.disk,
    click: (plot) => Plotly.downloadImage(plot, { format: "svg", filename: plot.dataset.figure.replace("data-", "cytograde-") }),
  };
  const [[picture, ...others]] = config.modeBarButtons;

  for (const plot of plots) {
    const drawing = JSON.parse(document.getElementById(plot.dataset.figure).textContent);
    Plotly.newPlot(plot, drawing.data, drawing.layout, {
      ...config,
      modeBarButtons: [[picture, asLines, ...others]],
      toImageButtonOptions: { format: "png", scale: 2, filename: plot.dataset.figure.replace("data-", "cytograde-") },
    });
  }

  // On paper a figure is as wide as the page, and fits on one page where that leaves it legible.
  const PAPER = { width: 690, height: 860, tallest: 1500 };
  const heights = plots.map((plot) => plot.layout.height);
  const fitting = (height) => (height > PAPER.height && height <= PAPER.tallest ? PAPER.height : height);
  window.addEventListener("beforeprint", () => plots.forEach((plot, index) => {
    plot.style.minHeight = "0";
    Plotly.relayout(plot, { width: PAPER.width, height: fitting(heights[index]) });
  }));
  window.addEventListener("afterprint", () => plots.forEach((plot, index) =>
    Plotly.relayout(plot, { width: null, height: heights[index], autosize: true })));

  // A table too wide for its column scrolls within it, by keyboard too.
  const scrolls = new ResizeObserver((entries) => entries.forEach(({ target }) => {
    const scrolling = target.scrollWidth > target.clientWidth;
    const named = { tabindex: "0", role: "region", "aria-label": target.querySelector("caption").textContent };
    Object.entries(named).forEach(([name, value]) =>
      scrolling ? target.setAttribute(name, value) : target.removeAttribute(name));
  }));
  document.querySelectorAll(".scroll").forEach((node) => scrolls.observe(node));

  const filter = document.getElementById("filter");
  const subjects = Array.from(document.querySelectorAll(".subject"));
  const texts = subjects.map((subject) => subject.textContent.replace(/\s+/g, " ").toLowerCase());
  const filtered = document.getElementById("filtered");
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    subjects.forEach((subject, index) => {
      const fits = words.every((word) => texts[index].includes(word));
      subject.hidden = !fits;
      shown += fits;
    });
    filtered.textContent = `${shown.toLocaleString("en")} of ${subjects.length.toLocaleString("en")} shown`;
  });

  const links = new Map(Array.from(document.querySelectorAll(".contents a"), (a) => [a.hash.slice(1), a]));
  const sections = Array.from(links.keys(), (id) => document.getElementById(id));
  const mark = () => {
    const line = window.innerHeight * 0.3;
    const passed = sections.filter((section) => section.getBoundingClientRect().top <= line);
    const atEnd = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
    const here = atEnd ? sections[sections.length - 1] : passed[passed.length - 1] || sections[0];
    links.forEach((a, id) => (id === here.id ? a.setAttribute("aria-current", "true") : a.removeAttribute("aria-current")));
  };
  let waiting = false;
  document.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; mark(); });
  }, { passive: true });
  mark();
})();
