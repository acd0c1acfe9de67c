/* The page of one patient. */
(function () {
  "use strict";
  const patient = JSON.parse(document.getElementById("patient-data").textContent);
  const chosen = new URLSearchParams(window.location.hash.slice(1)).get("system");
  const systems = cytogradePatients.systems.map((one) => one.id);
  // The system stays chosen from patient to patient.
  const keep = (system) => {
    document.querySelectorAll("a[rel]").forEach((link) => { link.hash = `system=${system}`; });
    window.history.replaceState(null, "", `#system=${system}`);
  };
  const system = systems.includes(chosen) ? chosen : null;
  if (system) keep(system);
  Course.show(document.getElementById("course"), patient, cytogradePatients, { level: 1, system, onSystem: keep });
  const plot = () => document.getElementById("plot-patient");
  window.addEventListener("beforeprint", () => Plotly.relayout(plot(), { width: 690 }));
  window.addEventListener("afterprint", () => Plotly.relayout(plot(), { width: null, autosize: true }));
})();
