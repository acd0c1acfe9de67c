/* Draws the figures as they come near, marks the place in the contents. No request is made by any of it. */
(function () {
  "use strict";
  const config = JSON.parse(document.getElementById("config").textContent);
  const plots = Array.from(document.querySelectorAll(".plot[data-figure]"));

  // A figure is drawn when it comes near, or when the page is printed.
  function draw(plot) {
    if (plot.dataset.drawn) return;
    plot.dataset.drawn = "yes";
    const drawing = JSON.parse(document.getElementById(plot.dataset.figure).textContent);
    Plotly.newPlot(plot, drawing.data, drawing.layout, {
      ...config, ...Course.pictures(config, plot.dataset.figure.replace("data-", "cytograde-")),
    });
    window.leadToPatients(plot);
  }
  const near = new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) => {
    if (isIntersecting) { near.unobserve(target); draw(target); }
  }), { rootMargin: "300px" });
  plots.forEach((plot) => near.observe(plot));

  // On paper a figure is as wide as the page, and fits on one page where that leaves it legible. Those of the report are
  // laid out as wide as on a screen and made smaller as a whole, so that their titles do not meet.
  const PAPER = { width: 690, height: 860, tallest: 1500 };
  const WIDE = 980;
  const heights = new Map();
  const fitting = (height, zoom) =>
    (height * zoom > PAPER.height && height * zoom <= PAPER.tallest ? PAPER.height / zoom : height);
  const printed = () => {
    const course = document.getElementById("plot-patient");
    return course ? [course] : plots;
  };
  window.addEventListener("beforeprint", () => printed().forEach((plot) => {
    if (plot.dataset.figure) draw(plot);
    heights.set(plot, plot.layout.height);
    plot.style.minHeight = "0";
    const width = plot.dataset.figure ? WIDE : PAPER.width;
    plot.style.zoom = PAPER.width / width;
    Plotly.relayout(plot, { width, height: fitting(plot.layout.height, PAPER.width / width) });
  }));
  window.addEventListener("afterprint", () => {
    heights.forEach((height, plot) => {
      plot.style.zoom = "";
      if (plot.isConnected) Plotly.relayout(plot, { width: null, height, autosize: true });
    });
    heights.clear();
  });

  // A table too wide for its column scrolls within it, by keyboard too.
  const scrolls = new ResizeObserver((entries) => entries.forEach(({ target }) => {
    const scrolling = target.scrollWidth > target.clientWidth;
    const named = { tabindex: "0", role: "region", "aria-label": target.querySelector("caption").textContent };
    Object.entries(named).forEach(([name, value]) =>
      scrolling ? target.setAttribute(name, value) : target.removeAttribute(name));
  }));
  document.querySelectorAll(".scroll").forEach((node) => scrolls.observe(node));

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
