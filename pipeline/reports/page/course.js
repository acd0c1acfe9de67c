/* The course of one patient: drawn and told from its JSON, in the report and on a page of its own. No request is made. */
const Course = (function () {
  "use strict";
  const DAY = 1440;
  const LANE = 23;
  const VITALS = [
    { concept: "temperature", name: "Temperature", unit: "°C", height: 118, low: 36, high: 39.2, pad: 0.25 },
    { concept: "systolic_bp", name: "Systolic pressure", unit: "mmHg", height: 104, low: 80, high: 130, pad: 6 },
    { concept: "spo2", name: "SpO2", unit: "%", height: 78, low: 90, high: 100, pad: 1.5 },
  ];
  const GAP = 16;
  const GRADES = 118;
  const OXYGEN = "#6f9dc4";
  const PRESSURE = "#2f6390";
  const VASOPRESSOR = "#2e8273";
  const INOTROPE = "#8b97a3";
  const POSITIVE = ["cpap", "bipap", "invasive_ventilation", "ecmo"];
  const NOT_COUNTED = {
    "other cause": (why) => `put down to ${why || "another cause"}: not graded`,
    baseline: () => "in use before the infusion, and not raised above that: not counted",
    unproven: () => "neither a rate nor an end was charted: proves nothing that lasts",
    presumed: () => "no end and no later charting: presumed to run on",
    inotrope: () => "an inotrope: never counted as a vasopressor",
    before: () => "ended before the infusion",
    proven: () => "",
  };
  const ROLES = {
    "fever within window": "the fever it belongs to",
    waiver: "given after the first fever: a fever is not required",
    linked: "the support began under this, and counts until it stops",
    death: "death adjudicated to CRS",
  };

  // Texts. Nothing is ever set as HTML.
  function make(tag, attributes, ...children) {
    const node = document.createElement(tag);
    Object.entries(attributes || {}).forEach(([name, value]) => {
      if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
    });
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }
  const plain = (text) => String(text).replace(/\s+/g, " ").replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const two = (number) => String(number).padStart(2, "0");
  function clock(minute, zero) {
    if (minute === null || minute === undefined) return "–";
    const day = Math.floor((minute + zero) / DAY);
    const rest = minute + zero - day * DAY;
    return `day ${day} ${two(Math.floor(rest / 60))}:${two(rest % 60)}`;
  }
  const short = (value) => Rounding.digits(value, 4);
  const inDays = (minutes) => Math.round((minutes / DAY) * 1e5) / 1e5;
  const inHours = (minutes) => Rounding.fixed(minutes / 60, 1);
  const plural = (count, one) => `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;
  const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);
  const badge = (grade) => (grade ? make("span", { class: `grade grade-${grade}` }, String(grade)) : String(grade));

  /* What is asked of a patient under one system. */
  function under(patient, shared, system) {
    const { stretches, end } = patient.verdicts[system] || { stretches: [], end: 0 };
    const criteria = shared.criteria[system];
    const byId = new Map(Object.values(criteria).map((one) => [one[1], one]));
    const graded = stretches.map(([start, grade, ceiling, reason, episode, unknown], index) => ({
      start, grade, ceiling, episode, unknown: unknown === 1,
      end: index + 1 < stretches.length ? stretches[index + 1][0] : end,
      because: shared.reasons[reason] || [],
    }));
    const changes = ((patient.changes && patient.changes.changes[system]) || []).map(([minute, met, links, possible, unknown]) => ({
      minute, met, links, possible, unknown,
    }));
    changes.forEach((change, index) => {
      change.end = index + 1 < changes.length ? changes[index + 1].minute : end;
      const inside = graded.filter((one) => one.start >= change.minute && one.start < change.end);
      change.grade = inside.length ? inside[0].grade : 0;
      change.ceiling = Math.max(0, ...inside.map((one) => one.ceiling));
      change.episode = inside.length ? inside[0].episode : null;
    });
    const outcome = patient.outcomes[system] || { episodes: [], flags: [], status: "not_evaluable", grade: null };
    const episodes = outcome.episodes.map(([number, grade, onset, gap, highest, last, days, hours, resolved, fatal]) => ({
      number, grade, onset, gap, highest, last, days, hours, resolved, fatal,
    }));
    return { graded, changes, criteria, byId, outcome, episodes };
  }

  /* The chartings that decide: place in `rows`, and what each decides. */
  function decided(patient, told) {
    const rows = (patient.changes && patient.changes.rows) || [];
    const said = new Map();
    const note = (place, text) => said.set(place, [...(said.get(place) || []), text]);
    told.changes.forEach((change) => {
      const top = change.met.length ? told.criteria[change.met[0][0]][0] : 0;
      change.met.forEach(([criterion, places]) => {
        const [grade, , words] = told.criteria[criterion];
        if (grade === top) places.forEach((place) => note(place, `grade ${grade} from ${clock(change.minute, patient.subject.zero)}: ${words}`));
      });
      change.links.forEach(([role, places]) => places.forEach((place) =>
        note(place, `grade ${change.grade} from ${clock(change.minute, patient.subject.zero)}: ${ROLES[role] || role}`)));
    });
    return Array.from(said, ([place, texts]) => {
      const [concept, value, minute, file, row] = rows[place];
      return { concept, value, minute, file, row, texts };
    });
  }

  function amount(value, unit) {
    return value === null ? "no amount charted" : `${short(value)} ${unit || ""}`.trim();
  }

  /* The lanes: one per device and drug, in the order of the concepts, then results that decide and have no panel. */
  function lanesOf(patient, shared, marks) {
    const order = Object.keys(shared.concepts);
    const found = new Map();
    const lane = (concept) => {
      if (!found.has(concept)) found.set(concept, { concept, bars: [], doses: [] });
      return found.get(concept);
    };
    (patient.support || []).forEach(([concept, start, end, value, standing, why, file, row]) =>
      lane(concept).bars.push({ start, end, value, standing, why, file, row }));
    (patient.doses || []).forEach(([concept, minute, value, why, file, row]) =>
      lane(concept).doses.push({ minute, value, why, file, row }));
    const panels = VITALS.map((one) => one.concept);
    marks.forEach((mark) => panels.includes(mark.concept) || mark.concept === "death" || lane(mark.concept));
    const rank = (one) => {
      const family = (shared.concepts[one.concept] || ["", ""])[1];
      const families = ["oxygen", "vasopressor", "vasopressin", "inotrope", "anticytokine", "corticosteroid", "antipyretic", "fluid"];
      const place = families.indexOf(family);
      return (place < 0 ? families.length : place) * 1000 + order.indexOf(one.concept);
    };
    return Array.from(found.values()).sort((a, b) => rank(a) - rank(b));
  }

  function colourOf(concept, family) {
    if (family === "oxygen") return POSITIVE.includes(concept) ? PRESSURE : OXYGEN;
    return family === "inotrope" ? INOTROPE : VASOPRESSOR;
  }

  function symbolOf(concept, family, house) {
    if (family === "anticytokine") {
      return { symbol: concept === "tocilizumab" ? "triangle-down" : "square", size: concept === "tocilizumab" ? 11 : 8, color: house.treatment, line: { width: 1, color: "#ffffff" } };
    }
    if (family === "corticosteroid") return { symbol: "diamond", size: 8, color: "#ffffff", line: { width: 1.3, color: house.ink } };
    return { symbol: "circle", size: 6, color: family === "fluid" ? OXYGEN : "#8b97a3", line: { width: 0.5, color: "#ffffff" } };
  }

  /* Where the axis is marked: days, or hours where it is enlarged. */
  function ticks(low, high) {
    const span = high - low;
    const step = span <= 0.6 ? 1 / 24 : span <= 1.6 ? 3 / 24 : span <= 3.2 ? 0.25 : span <= 32 ? 1 : span <= 70 ? 2 : 7;
    const tickvals = [];
    const ticktext = [];
    for (let index = Math.ceil(low / step - 1e-9); index * step <= high + 1e-9; index += 1) {
      const at = index * step;
      const minutes = Math.round(at * DAY);
      const rest = ((minutes % DAY) + DAY) % DAY;
      tickvals.push(at);
      ticktext.push(rest === 0 ? `${step < 1 ? "<b>day " : ""}${Math.round(at)}${step < 1 ? "</b>" : ""}` : `${two(Math.floor(rest / 60))}:${two(rest % 60)}`);
    }
    return { tickvals, ticktext };
  }

  /* The spans of the axis that a reader asks for. */
  function spans(patient, shared, told) {
    const { zero, last, death, cause } = patient.subject;
    const day = (minute) => (minute + zero) / DAY;
    const times = [0];
    Object.values(patient.readings).forEach((one) => times.push(one.minutes[0]));
    (patient.doses || []).forEach((one) => times.push(one[1]));
    (patient.support || []).forEach((one) => times.push(Math.max(one[1], -DAY)));
    const first = times.reduce((least, one) => Math.min(least, one));
    const finish = Math.max(last, cause === "crs" && death !== null ? death : last);
    const low = day(first) - 0.15;
    const found = [];
    const ends = told.episodes.map((one) => one.last);
    const onsets = told.episodes.map((one) => (one.onset === null ? one.last : one.onset));
    if (ends.length) {
      found.push({
        name: ends.length === 1 ? "The episode" : "The episodes",
        range: [Math.max(low, Math.min(-0.02, day(onsets[0]) - 1)), Math.min(day(finish) + 0.2, day(Math.max(...ends)) + 1.5)],
      });
    }
    const window = Math.min(day(finish) + 0.2, shared.window + 1);
    found.push({ name: `First ${shared.window} days`, range: [low, window] });
    if (day(finish) > shared.window + 1) found.push({ name: "Whole observation", range: [low, day(finish) + 0.4] });
    return found;
  }

  /* The Plotly figure. */
  function drawing(patient, shared, system) {
    const { zero, limit, last, closed, death, cause } = patient.subject;
    const house = shared.house;
    const told = under(patient, shared, system);
    const marks = decided(patient, told);
    const lanes = lanesOf(patient, shared, marks);
    const day = (minute) => inDays(minute + zero);
    const shown = VITALS.filter((one) => one.concept !== "spo2" || patient.readings.spo2);
    const heights = [...shown.map((one) => one.height), ...(lanes.length ? [lanes.length * LANE] : []), GRADES];
    const inner = heights.reduce((sum, one) => sum + one, 0) + GAP * (heights.length - 1);
    const margin = { l: 168, r: 126, t: 64, b: 50 };
    const data = [];
    const shapes = [];
    const annotations = [];
    const layout = {};
    const bottoms = [];
    let above = 0;
    heights.forEach((height) => {
      bottoms.push([1 - (above + height) / inner, 1 - above / inner]);
      above += height + GAP;
    });
    const axisOf = (panel) => (panel ? `y${panel + 1}` : "y");
    const style = (panel, own) => {
      layout[panel ? `yaxis${panel + 1}` : "yaxis"] = {
        domain: bottoms[panel], anchor: "x", gridcolor: "#eceff2", zeroline: false, linecolor: house.line, fixedrange: true,
        tickfont: { size: 11, color: house.faint }, ...own,
      };
    };
    const named = (panel, text, small) => annotations.push({
      xref: "paper", x: 0, xanchor: "left", xshift: -margin.l + 4, yref: "paper", y: bottoms[panel][1], yanchor: "top",
      text: `<b>${text}</b>${small ? `<br>${small}` : ""}`, showarrow: false, align: "left", font: { size: 12, color: house.ink },
    });
    const ring = (panel, points) => points.length && data.push({
      type: "scatter", mode: "markers", name: "decides a grade", legendgroup: "decides", legendrank: 1,
      showlegend: !data.some((trace) => trace.legendgroup === "decides"), xaxis: "x", yaxis: axisOf(panel),
      x: points.map((one) => one.x), y: points.map((one) => one.y), cliponaxis: false,
      marker: { symbol: "circle-open", size: 12, color: house.ink, line: { width: 1.8 } },
      customdata: points.map((one) => [one.said, one.where]),
      hovertemplate: "%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
    });
    const saidOf = (mark) => ({
      said: `<b>${plain(shared.concepts[mark.concept] ? shared.concepts[mark.concept][0] : mark.concept)} ${plain(amount(mark.value, (shared.concepts[mark.concept] || [])[2]))}</b>, ${clock(mark.minute, zero)}<br>decides ${mark.texts.map(plain).join("<br>decides ")}`,
      where: `${plain(mark.file)} row ${mark.row}`,
    });

    // Vitals: a line as long as a reading holds, a hollow point where it is put down to another cause.
    shown.forEach((vital, panel) => {
      const readings = patient.readings[vital.concept];
      const threshold = vital.concept === "temperature" ? shared.fever : vital.concept === "systolic_bp" ? limit : null;
      const values = readings ? readings.values : [];
      style(panel, {
        range: [Math.min(vital.low, ...values) - vital.pad, Math.max(vital.high, ...values) + vital.pad], nticks: 5,
      });
      named(panel, vital.name.replace("SpO2", "SpO<sub>2</sub>"), vital.unit);
      if (threshold !== null) {
        shapes.push({ type: "line", xref: "paper", x0: 0, x1: 1, yref: axisOf(panel), y0: threshold, y1: threshold,
          line: { color: house.faint, width: 1, dash: "4px,3px" }, layer: "between" });
        annotations.push({ xref: "paper", x: 1, xanchor: "left", xshift: 6, yref: axisOf(panel), y: threshold, showarrow: false,
          text: vital.concept === "temperature" ? `fever from ${Rounding.fixed(threshold, 1)}` : `low below ${short(threshold)}`, font: { size: 11, color: house.faint } });
      }
      if (!readings) {
        annotations.push({ xref: "paper", x: 0.5, yref: "paper", y: (bottoms[panel][0] + bottoms[panel][1]) / 2, showarrow: false,
          text: `no ${vital.name.toLowerCase()} charted`, font: { size: 12.5, color: house.faint } });
        data.push({ type: "scatter", x: [null], y: [null], xaxis: "x", yaxis: axisOf(panel), showlegend: false, hoverinfo: "skip" });
        return;
      }
      const other = new Map((readings.other || []).map(([place, why]) => [Number(place), why]));
      const x = [], y = [], text = [], hollow = { x: [], y: [], text: [] };
      let previous = null;
      let ended = false;
      readings.minutes.forEach((minute, place) => {
        // A reading put down to another cause ends what it follows.
        const where = other.has(place) ? hollow : { x, y, text };
        if (where === hollow) ended = true;
        const says = `<b>${short(values[place])} ${vital.unit}</b>, ${clock(minute, zero)}`;
        if (where !== hollow) {
          if (previous !== null && (ended || minute - previous > shared.holds[vital.concept] || (previous < 0 && minute >= 0))) { x.push(null); y.push(null); text.push(""); }
          previous = minute;
          ended = false;
        }
        where.x.push(day(minute)); where.y.push(values[place]);
        where.text.push(where === hollow ? `${says}<br>${plain(NOT_COUNTED["other cause"](other.get(place)))}` : says);
      });
      data.push({ type: "scatter", mode: "lines+markers", name: vital.name, showlegend: false, xaxis: "x", yaxis: axisOf(panel), x, y, text,
        line: { width: 1.3, color: "#4a5866" }, marker: { size: readings.minutes.length > 400 ? 2.5 : 4, color: "#2f3b48" }, hovertemplate: "%{text}<extra></extra>" });
      if (hollow.x.length) {
        data.push({ type: "scatter", mode: "markers", name: "put down to another cause, not graded", legendgroup: "other", legendrank: 3,
          showlegend: !data.some((trace) => trace.legendgroup === "other"), xaxis: "x", yaxis: axisOf(panel), ...hollow,
          marker: { symbol: "circle", size: 6, color: "#ffffff", line: { width: 1.2, color: "#8b97a3" } }, hovertemplate: "%{text}<extra></extra>" });
      }
      ring(panel, marks.filter((mark) => mark.concept === vital.concept && mark.value !== null).map((mark) => ({ x: day(mark.minute), y: mark.value, ...saidOf(mark) })));
    });

    // Support and doses: one lane each; a bar is as high as the amount is of the highest of its lane.
    let panel = shown.length;
    if (lanes.length) {
      style(panel, {
        range: [lanes.length, 0], tickvals: lanes.map((_, index) => index + 0.55), showgrid: false, ticks: "",
        ticktext: lanes.map(() => ""),
      });
      const rings = [];
      lanes.forEach((lane, index) => {
        const [name, family, unit] = shared.concepts[lane.concept] || [lane.concept, "", ""];
        const known = lane.bars.map((one) => one.value).filter((one) => one !== null);
        const most = known.length ? Math.max(...known) : 0;
        const tall = (value) => (value === null || !most ? 0.5 : 0.18 + 0.62 * (value / most));
        annotations.push({ xref: "paper", x: 0, xanchor: "left", xshift: -margin.l + 4, yref: axisOf(panel), y: index + 0.55, showarrow: false,
          text: plain(name), font: { size: 12, color: house.ink } });
        shapes.push({ type: "line", xref: "paper", x0: 0, x1: 1, yref: axisOf(panel), y0: index + 1, y1: index + 1, line: { color: "#eceff2", width: 1 }, layer: "below" });
        if (lane.bars.length) {
          annotations.push({ xref: "paper", x: 1, xanchor: "left", xshift: 6, yref: axisOf(panel), y: index + 0.55, showarrow: false,
            text: known.length ? `to ${plain(amount(most, unit))}` : "no amount", font: { size: 11, color: house.faint } });
        }
        const kinds = { counted: ["proven"], presumed: ["presumed"], aside: ["other cause", "baseline", "unproven", "inotrope", "before"] };
        Object.entries(kinds).forEach(([kind, standings]) => {
          const bars = lane.bars.filter((one) => standings.includes(one.standing) || (kind === "aside" && !NOT_COUNTED[one.standing]));
          if (!bars.length) return;
          const colour = colourOf(lane.concept, family);
          const names = { counted: "", presumed: "presumed to run on", aside: "not counted" };
          data.push({
            type: "bar", name: names[kind], legendgroup: kind, legendrank: kind === "presumed" ? 4 : 5, xaxis: "x", yaxis: axisOf(panel),
            showlegend: kind !== "counted" && !data.some((trace) => trace.legendgroup === kind),
            x: bars.map((one) => day(one.start)), width: bars.map((one) => inDays(one.end - one.start)), offset: 0,
            base: bars.map(() => index + 0.92), y: bars.map((one) => -tall(one.value)),
            marker: kind === "presumed"
              ? { color: "#ffffff", pattern: { shape: "/", fgcolor: colour, bgcolor: "#ffffff", size: 5, solidity: 0.35 }, line: { width: 1, color: colour } }
              : kind === "aside" ? { color: "#ffffff", line: { width: 1, color: "#8b97a3" } }
              : { color: colour, line: { width: 0.5, color: colour } },
            customdata: bars.map((one) => [
              `<b>${plain(shared.concepts[lane.concept][0])}</b> ${plain(amount(one.value, unit))}`,
              `${clock(one.start, zero)} to ${clock(one.end, zero)}`,
              plain(NOT_COUNTED[one.standing] ? NOT_COUNTED[one.standing](one.why) : one.standing), `${plain(one.file)} row ${one.row}`,
            ]),
            hovertemplate: "%{customdata[0]}<br>%{customdata[1]}<br>%{customdata[2]}<br>%{customdata[3]}<extra></extra>",
          });
        });
        if (lane.doses.length) {
          data.push({
            type: "scatter", mode: "markers", name: plain(shared.concepts[lane.concept][0]), showlegend: false, xaxis: "x", yaxis: axisOf(panel), cliponaxis: false,
            x: lane.doses.map((one) => day(one.minute)), y: lane.doses.map(() => index + 0.55), marker: symbolOf(lane.concept, family, house),
            customdata: lane.doses.map((one) => [
              `<b>${plain(shared.concepts[lane.concept][0])}</b> ${plain(amount(one.value, unit))}`,
              clock(one.minute, zero), one.why && one.why !== "crs" ? `for ${plain(one.why)}` : "", `${plain(one.file)} row ${one.row}`,
            ]),
            hovertemplate: "%{customdata[0]}<br>%{customdata[1]}<br>%{customdata[2]}<br>%{customdata[3]}<extra></extra>",
          });
        }
        marks.filter((mark) => mark.concept === lane.concept).forEach((mark) =>
          rings.push({ x: day(mark.minute), y: index + (lane.bars.length ? 0.62 : 0.55), ...saidOf(mark) }));
      });
      ring(panel, rings);
      panel += 1;
    }

    // The grade, and above it what cannot be ruled out.
    const fatal = cause === "crs" && death !== null;
    style(panel, { range: [0, fatal ? 5.25 : 4.25], tickvals: [0, 1, 2, 3, 4, ...(fatal ? [5] : [])], gridcolor: "#eceff2", showline: false });
    named(panel, "Grade");
    const bars = (name, rank, stretches, marker, base, height, group) => stretches.length && data.push({
      type: "bar", name, legendrank: rank, legendgroup: group || name, showlegend: rank !== 0, xaxis: "x", yaxis: axisOf(panel), offset: 0,
      x: stretches.map((one) => day(one.start)), width: stretches.map((one) => inDays(one.end - one.start)),
      base: stretches.map(base), y: stretches.map(height), marker,
      customdata: stretches.map((one) => [
        `<b>grade ${one.grade}</b>${one.ceiling > one.grade ? `, could be up to ${one.ceiling}` : ""}${one.episode !== null ? `, in episode ${one.episode}` : one.grade ? ", in no episode" : ""}`,
        `${clock(one.start, zero)} to ${clock(one.end, zero)}`,
        plain((one.because.map((id) => id.replace(/_/g, " ")).join(", ") || "no criterion met") + (one.unknown ? "; neither temperature nor pressure known" : "")),
      ]),
      hovertemplate: "%{customdata[0]}<br>%{customdata[1]}<br>%{customdata[2]}<extra></extra>",
    });
    [1, 2, 3, 4].forEach((grade) => bars(`grade ${grade}`, 0, told.graded.filter((one) => one.grade === grade && one.episode !== null),
      { color: house.grades[grade], line: { width: 0.4, color: house.grades[grade] } }, () => 0, (one) => one.grade));
    bars("graded, in no episode", 6, told.graded.filter((one) => one.grade && one.episode === null), { color: house.outside, line: { width: 0 } }, () => 0, (one) => one.grade);
    bars("cannot be ruled out", 2, told.graded.filter((one) => one.ceiling > one.grade),
      { color: "#ffffff", pattern: { shape: "/", fgcolor: house.unknown, bgcolor: "#ffffff", size: 7, solidity: 0.16 }, line: { width: 0 } },
      (one) => one.grade, (one) => one.ceiling - one.grade, "ceiling");
    if (!told.graded.length) data.push({ type: "scatter", x: [null], y: [null], xaxis: "x", yaxis: axisOf(panel), showlegend: false, hoverinfo: "skip" });
    records(patient, system).filter((one) => one.grade && one.start !== null).forEach((one, index) => data.push({
      type: "scatter", mode: "lines", name: "as recorded", legendgroup: "recorded", legendrank: 7, showlegend: index === 0, xaxis: "x", yaxis: axisOf(panel),
      x: [day(one.start), day(one.end === null ? last : one.end)], y: [one.grade, one.grade], line: { width: 2.5, color: house.treatment, dash: "2px,2px" },
      hovertemplate: `recorded grade ${one.grade}${one.recorder ? `, ${plain(one.recorder)}` : ""}<extra></extra>`,
    }));
    if (fatal) {
      data.push({ type: "scatter", mode: "markers", name: "death of CRS", showlegend: false, xaxis: "x", yaxis: axisOf(panel), x: [day(death)], y: [5], cliponaxis: false,
        marker: { symbol: "x", size: 11, color: house.grades[5], line: { width: 1, color: "#ffffff" } },
        hovertemplate: `<b>grade 5</b>, death adjudicated to CRS<br>${clock(death, zero)}<extra></extra>` });
    }

    // Episodes, the infusion, and how the observation ends, over all of it.
    told.episodes.forEach((one) => {
      if (one.onset === null || one.last <= one.onset) return;
      shapes.unshift({ type: "rect", xref: "x", x0: day(one.onset), x1: day(one.last), yref: "paper", y0: 0, y1: 1, fillcolor: "#eef3f8", line: { width: 0 }, layer: "below" });
      annotations.push({ xref: "x", x: day(one.onset), xanchor: "left", yref: "paper", y: 1, yanchor: "bottom", showarrow: false,
        text: told.episodes.length > 1 ? `episode ${one.number}, grade ${one.grade}` : `episode, grade ${one.grade}`, font: { size: 11, color: house.faint } });
    });
    const upright = (minute, text, colour, dash, atEnd) => {
      shapes.push({ type: "line", xref: "x", x0: day(minute), x1: day(minute), yref: "paper", y0: 0, y1: 1, line: { color: colour, width: 1.4, dash }, layer: atEnd ? "above" : "below" });
      annotations.push({ xref: "x", x: day(minute), xanchor: atEnd ? "right" : "center", xshift: atEnd ? 4 : 0, yref: "paper", y: 1, yanchor: "bottom", yshift: atEnd ? 13 : 0,
        showarrow: false, text, font: { size: 11, color: colour } });
    };
    upright(0, shared.standIn ? "time zero" : "infusion", house.faint, "1px,2px");
    if (death !== null && death <= last) upright(death, fatal ? "death of CRS" : `death: ${plain(cause || "cause not given")}`, fatal ? house.grades[5] : "#5e6a76", "solid", true);
    else upright(last, closed ? "end of follow-up" : "last charting", house.faint, "solid", true);
    if (fatal && death > last) upright(death, "death of CRS", house.grades[5], "solid", true);

    const views = spans(patient, shared, told);
    layout.xaxis = {
      domain: [0, 1], anchor: axisOf(panel), range: views[0].range, ...ticks(...views[0].range), gridcolor: "#e3e8ec", zeroline: false, linecolor: house.line,
      tickfont: { size: 11.5, color: house.faint }, title: { text: "day (each whole number is the midnight that begins it)", font: { size: 12.5, color: house.faint }, standoff: 8 },
      showspikes: true, spikemode: "across", spikethickness: 1, spikecolor: house.line, spikedash: "solid", spikesnap: "cursor",
    };
    return {
      data, views, told, marks,
      layout: {
        template: "none", height: inner + margin.t + margin.b, autosize: true, margin, barmode: "overlay", bargap: 0, hovermode: "closest", dragmode: "zoom",
        font: { family: house.font, size: 13, color: house.ink }, paper_bgcolor: "#ffffff", plot_bgcolor: "rgba(0,0,0,0)",
        hoverlabel: { bgcolor: "#ffffff", bordercolor: house.line, font: { family: house.font, size: 13, color: house.ink }, align: "left" },
        legend: { orientation: "h", x: 0, xanchor: "left", yref: "container", y: 1, yanchor: "top", font: { size: 12 }, itemclick: false, itemdoubleclick: false, traceorder: "normal" },
        modebar: { bgcolor: "rgba(255,255,255,0)", color: house.line, activecolor: house.ink },
        shapes, annotations, ...layout,
      },
    };
  }

  function records(patient, system) {
    return ((patient.records && patient.records.records) || []).filter((one) => system === null || one[0] === system)
      .map(([of, grade, start, end, recorder, derived, file, row]) => ({ of, grade, start, end, recorder, derived, file, row }));
  }

  /* What is to be seen, for a reader who does not see it. */
  function alternative(patient, shared, system, drawn) {
    const name = shared.systems.find((one) => one.id === system).name;
    const { zero } = patient.subject;
    const extremes = [];
    const most = (concept, words, choose) => {
      const one = patient.readings[concept];
      if (one) extremes.push(`${words} ${short(one.values.reduce((a, b) => choose(a, b)))}`);
    };
    most("temperature", "highest temperature", Math.max);
    most("systolic_bp", "lowest systolic pressure", Math.min);
    most("spo2", "lowest SpO2", Math.min);
    const episodes = drawn.told.episodes.map((one) => `episode ${one.number} of grade ${one.grade} from ${clock(one.onset, zero)} to ${clock(one.last, zero)}`);
    return `Vitals, support, doses and grade of one patient over time by ${name}: ${extremes.join(", ") || "no vitals charted"}; ${episodes.join("; ") || "no episode"}; ` +
      `${plural(drawn.marks.length, "charting")} that decide are ringed. The tables below say the same in words.`;
  }

  // Tables.
  function table(caption, heads, rows, className) {
    const cell = (held, index) => make(index ? "td" : "th", { scope: index ? null : "row", class: heads[index].text ? "text" : null }, ...[].concat(held));
    return make("div", { class: "scroll" }, make("table", { class: `data ${className || ""}` },
      make("caption", null, caption),
      make("thead", null, make("tr", null, ...heads.map((one) => make("th", { scope: "col", class: one.text ? "text" : null }, one.name)))),
      make("tbody", null, ...rows.map((row) => make("tr", null, ...row.map(cell))))));
  }
  /* At most so many rows of a patient whose grade changes by the minute; the tables beside the report have all. */
  const ROWS = 300;
  const beyond = (rows) => (rows.length > ROWS
    ? [make("p", { class: "small" }, `The first ${ROWS} of ${rows.length.toLocaleString("en")}; all stretches are in tables/grades.csv, beside the report.`)] : []);
  const words = (name) => ({ name, text: true });
  const count = (name) => ({ name, text: false });

  function chartings(patient, shared, places) {
    const rows = patient.changes.rows;
    return make("ul", { class: "chartings" }, ...places.map((place) => {
      const [concept, value, minute, file, row] = rows[place];
      const [name, , unit] = shared.concepts[concept] || [concept, "", ""];
      return make("li", null, `${name} ${concept === "death" ? "" : amount(value, unit)}, ${clock(minute, patient.subject.zero)} `,
        make("span", { class: "where" }, `${file} row ${row}`));
    }));
  }

  /* Why the grade is what it is from this minute on: what `cytograde explain` says of it. */
  function reasons(patient, shared, told, change, citation) {
    const parts = [];
    change.met.forEach(([criterion, places]) => {
      const [grade, , words, place] = told.criteria[criterion];
      parts.push(make("p", null, badge(grade), ` ${capital(words)} `, make("span", { class: "place" }, `${citation}, ${place}`)));
      if (places.length) parts.push(chartings(patient, shared, places));
    });
    change.links.filter(([role]) => role !== "death").forEach(([role, places]) => {
      parts.push(make("p", null, `Fever or its waiver: ${ROLES[role] || role}`), chartings(patient, shared, places));
    });
    if (!change.met.length) parts.push(make("p", null, "No criterion met"));
    if (change.grade && change.episode === null) {
      parts.push(make("p", { class: "small" }, "In no episode: before the first fever of its chain, without any, or after the onset window."));
    }
    const at = (patient.support || []).filter(([, start, end]) => Math.max(start, 0) <= change.minute && end > change.minute);
    ["presumed", "baseline", "unproven"].forEach((standing) => {
      const found = at.filter((one) => one[4] === standing);
      if (!found.length) return;
      const said = found.map(([concept, start, , value, , , file, row]) =>
        `${shared.concepts[concept][0]} ${amount(value, shared.concepts[concept][2])} from ${clock(start, patient.subject.zero)} (${file} row ${row})`);
      parts.push(make("p", { class: "small" }, `${capital(NOT_COUNTED[standing]())}: ${said.join("; ")}`));
    });
    if (change.unknown.length) parts.push(make("p", { class: "small" }, `Not known: no ${change.unknown.join(" and no ")} in force.`));
    if (change.possible.length) {
      const said = change.possible.map((number) => `${told.criteria[number][1].replace(/_/g, " ")} (grade ${told.criteria[number][0]})`);
      parts.push(make("p", { class: "small" }, `Cannot be ruled out: ${said.join(", ")}.`));
    }
    return parts;
  }

  function changesTable(patient, shared, told, system) {
    const citation = shared.systems.find((one) => one.id === system).short_citation;
    const { zero, death, cause, file, row } = patient.subject;
    const rows = told.changes.slice(0, ROWS).map((change) => [
      [clock(change.minute, zero), make("span", { class: "until" }, ` to ${clock(change.end, zero)}`)],
      [badge(change.grade), ...(change.ceiling > change.grade ? [make("span", { class: "until" }, ` up to ${change.ceiling}`)] : [])],
      reasons(patient, shared, told, change, citation),
    ]);
    if (cause === "crs" && death !== null) {
      rows.push([clock(death, zero), badge(5), [make("p", null, "Death adjudicated to CRS"), make("ul", { class: "chartings" }, make("li", null, make("span", { class: "where" }, `${file} row ${row}`)))]]);
    }
    return table("At each change of the grade: the criteria met at its first minute, and the chartings they rest on", [words("When"), words("Grade"), words("Why")], rows, "reasons-why");
  }

  function stretchesTable(patient, told) {
    const { zero } = patient.subject;
    return table("Every stretch of constant verdict", [words("From"), words("To"), count("Hours"), count("Grade"), count("Cannot be higher than"), count("Episode"), words("Criteria met")],
      told.graded.slice(0, ROWS).map((one) => [clock(one.start, zero), clock(one.end, zero), inHours(one.end - one.start), String(one.grade), String(one.ceiling), one.episode === null ? "–" : String(one.episode),
        (one.because.map((id) => id.replace(/_/g, " ")).join(", ") || "no criterion met") + (one.unknown ? "; vitals unknown" : "")]), "stretches");
  }

  const ending = (one) => (one.resolved === null ? "–" : one.fatal ? "died of CRS" : one.resolved ? "yes" : "end not seen");

  /* When, and how long before it the last temperature without it was charted. */
  const onsetOf = (one, zero) => clock(one.onset, zero) + (one.gap === null ? "" : `, gap ${inHours(one.gap)} h`);

  function episodesTable(patient, shared) {
    const { zero } = patient.subject;
    const rows = [];
    shared.systems.forEach((system) => under(patient, shared, system.id).episodes.forEach((one) => rows.push([
      system.name, String(one.number), badge(one.grade), onsetOf(one, zero), clock(one.highest, zero), clock(one.last, zero),
      one.days === null ? "–" : String(one.days), Rounding.fixed(one.hours, 1), ending(one)])));
    if (!rows.length) return make("p", null, "No episode under any system.");
    return table("Episodes under every system", [words("System"), count("Episode"), count("Highest grade"), words("Onset"), words("Highest first at"), words("End"), count("Days"), count("Hours graded"), words("End seen")], rows, "episodes");
  }

  function recordedPart(patient, shared) {
    const every = records(patient, null);
    const disagreements = (patient.records && patient.records.disagreements) || [];
    if (!every.length && !disagreements.length) return [];
    const { zero } = patient.subject;
    const name = (id) => (shared.systems.find((one) => one.id === id) || { name: id }).name;
    const parts = [make("h3", null, "Recorded grades")];
    if (every.length) {
      parts.push(table("Recorded, and derived in the same system and episode", [words("System"), count("Recorded"), count("Derived"), words("From"), words("To"), words("Recorder"), words("Row")],
        every.map((one) => [name(one.of), one.grade === null ? "no grade" : badge(one.grade), one.derived === null ? "–" : badge(one.derived), clock(one.start, zero), clock(one.end, zero), one.recorder || "–", `${one.file} row ${one.row}`]), "recorded"));
    }
    if (disagreements.length) {
      parts.push(make("ul", { class: "disagreements" }, ...disagreements.map(([system, why, query]) => make("li", null, make("strong", null, capital(why)), ` (${name(system)}): ${query}`))));
    }
    return parts;
  }

  function thinned(patient) {
    const said = VITALS.filter((one) => patient.readings[one.concept] && patient.readings[one.concept].every !== null).map((one) => {
      const held = patient.readings[one.concept];
      return `${one.name}: ${held.values.length.toLocaleString("en")} of ${held.n.toLocaleString("en")} readings are drawn, of each ${plural(held.every, "minute")} the lowest and the highest; every reading that decides is ringed.`;
    });
    return said.map((text) => make("p", null, text));
  }

  function outcomeWords(shared, told) {
    const { status, grade, ceiling, onset, days } = told.outcome;
    const parts = [capital(shared.terms[status] || status)];
    if (grade) parts.push(`highest grade ${grade}`);
    if (ceiling > (grade || 0)) parts.push(`up to ${ceiling} cannot be ruled out`);
    if (onset !== null && onset !== undefined) parts.push(`onset on day ${onset}`);
    if (days !== null && days !== undefined) parts.push(`first episode ${plural(days, "day")}`);
    if (told.episodes.length > 1) parts.push(plural(told.episodes.length, "episode"));
    return parts.join(", ");
  }

  /* Fill a node with the course of a patient under a system; returns nothing. `level` is that of its heading. */
  function show(node, patient, shared, options) {
    const level = options.level || 2;
    const heading = (step, text, more) => make(`h${level + step}`, more, text);
    const title = heading(0, patient.subject.id, { id: "patient-title", tabindex: "-1" });
    const { age } = patient.subject;
    const about = [age === null ? null : `${Rounding.short(age, 2)} years`, ...patient.subject.about].filter((one) => one !== null && one !== "").join(", ");
    const select = make("select", { id: "patient-system" }, ...shared.systems.map((one) => make("option", { value: one.id }, one.name)));
    const body = make("div", { class: "course-body" });
    node.replaceChildren(
      make("header", { class: "course-head" }, title, about ? make("p", { class: "about" }, about) : null,
        make("p", { class: "by" }, make("label", { for: "patient-system" }, "Graded by"), " ", select)),
      ...(shared.standIn ? [make("p", { class: "stand-in", role: "note" }, make("strong", null, "Not a result on CRS. "), shared.standIn)] : []),
      body);
    const of = (system) => {
      const drawn = drawing(patient, shared, system);
      const { told, views } = drawn;
      const record = shared.systems.find((one) => one.id === system);
      const plot = make("div", { class: "plot", id: "plot-patient", role: "group", "aria-label": alternative(patient, shared, system, drawn), style: `min-height:${drawn.layout.height}px` });
      const buttons = views.map((one, index) => make("button", { type: "button", "aria-pressed": String(index === 0) }, one.name));
      buttons.forEach((button, index) => button.addEventListener("click", () => {
        buttons.forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
        Plotly.relayout(plot, { "xaxis.range": views[index].range });
      }));
      body.replaceChildren(
        ...(record.misprint ? [make("p", { class: "warning" }, make("strong", null, "Misprinted ladder. "), record.misprint)] : []),
        make("p", { class: "outcome" }, ...(told.outcome.grade ? [badge(told.outcome.grade), " "] : []), outcomeWords(shared, told)),
        ...(told.outcome.flags.length ? [make("ul", { class: "flags" }, ...told.outcome.flags.map((flag) => make("li", null, capital(shared.flags[flag] || flag.replace(/_/g, " ")))))] : []),
        make("figure", { class: "course-figure" },
          make("p", { class: "views", role: "group", "aria-label": "Days shown" }, ...buttons),
          plot,
          make("figcaption", null, make("strong", null, `Course of ${patient.subject.id}, ${record.name}. `),
            "Rings mark the chartings that decide a grade at its first minute. A line ends where a reading no longer holds. Bars of devices and infusions are as high as the amount is of the highest of their row. " +
            "Under them the grade; hatched above it, what cannot be ruled out. Shaded: episodes. Drag to enlarge some days, double-click to go back."),
          make("div", { class: "footnotes" }, make("p", null, shared.days), ...thinned(patient)),
          make("details", { class: "numbers" }, make("summary", null, "The numbers of this figure"), stretchesTable(patient, told), ...beyond(told.graded))),
        heading(1, "Why this grade"), changesTable(patient, shared, told, system), ...beyond(told.changes),
        heading(1, "Episodes"), episodesTable(patient, shared),
        make("p", { class: "small" }, "Gap: from the last temperature before the onset, since the infusion, to the onset, which may have been at any time in it."),
        ...recordedPart(patient, shared),
        make("p", { class: "small" }, `Neither temperature nor pressure known for ${Rounding.fixed(told.outcome.unknown || 0, 1)} h of the first ${shared.window} days. Any other moment: `,
          make("code", null, `cytograde explain --system ${system} --hour HOUR --out DIR ${quoted(patient.subject.id)}`)));
      Plotly.newPlot(plot, drawn.data, drawn.layout, { ...shared.house.config, ...pictures(shared.house.config, `cytograde-patient-${patient.subject.no}`) });
      plot.on("plotly_relayout", (change) => {
        if (!Object.keys(change).some((key) => key.startsWith("xaxis.range") || key === "xaxis.autorange")) return;
        Plotly.relayout(plot, Object.fromEntries(Object.entries(ticks(...plot.layout.xaxis.range)).map(([key, value]) => [`xaxis.${key}`, value])));
        const here = plot.layout.xaxis.range;
        buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(views[index].range.every((at, end) => Math.abs(at - here[end]) < 1e-6))));
      });
    };
    select.value = options.system || shared.systems[0].id;
    select.addEventListener("change", () => { of(select.value); if (options.onSystem) options.onSystem(select.value); });
    of(select.value);
    return title;
  }

  /* The buttons of a figure: a PNG, and a picture of lines and letters, which a journal can enlarge. Both are made in the page. */
  function pictures(config, filename) {
    const [[picture, ...others]] = config.modeBarButtons;
    const asLines = {
      name: "svg", title: "Download picture as an SVG", icon: Plotly.Icons.disk,
      click: (plot) => Plotly.downloadImage(plot, { format: "svg", filename }),
    };
    return { modeBarButtons: [[picture, asLines, ...others]], toImageButtonOptions: { format: "png", scale: 2, filename } };
  }

  /* A subject as a shell takes it, whatever it holds. */
  function quoted(text) {
    if (/^[\w@%+=:,./][\w@%+=:,./-]*$/.test(text)) return text;
    return `${text.startsWith("-") ? "-- " : ""}'${text.replace(/'/g, "'\"'\"'")}'`;
  }

  return { show, drawing, clock, pictures };
})();
