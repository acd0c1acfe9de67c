"""report.html: the results, the rules and the provenance of a run in one file that asks for nothing outside itself."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import duckdb
import jinja2
from markupsafe import Markup

from pipeline.reports import assets, data, publication, released, tables, words
from pipeline.reports.data import Row
from pipeline.reports.figures import captioned, house
from pipeline.reports.patients import pages, payload
from pipeline.reports.patients.ways import FOLDER, IN_ONE_FILE, Ways
from pipeline.reports.sections import agreement as agreement_section
from pipeline.reports.sections import quality as quality_section
from pipeline.reports.sections import recorded as recorded_section
from pipeline.reports.sections import rules as rules_section
from pipeline.reports.sections import subjects as subjects_section
from pipeline.reports.tables import Table

REFUSALS_SHOWN = 200

SCRIPTS = ("rounding.js", "course.js", "patients.js", "report.js")
"""The scripts of the report, in this order."""

NO_PATIENTS = "window.leadToPatients = () => undefined;\n"
"""Instead of the scripts that lead to patients, where none is shown."""

CONTENTS = (
    ("answer", "Result"),
    ("loaded", "What was loaded"),
    ("quality", "Data quality"),
    ("cohort", "The cohort"),
    ("tables", "Tables"),
    ("between", "Between systems"),
    ("figures", "Grade, onset, duration"),
    ("course", "Every patient's course"),
    ("subjects", "Subjects"),
    ("recorded", "Recorded against derived"),
    ("findings", "Worth a look"),
    ("ladders", "The rules"),
    ("choices", "Choices"),
    ("provenance", "Provenance"),
)
"""The sections, in order: name in the page, and title."""

STATISTICS = (
    "Clopper CJ, Pearson ES. The use of confidence or fiducial limits illustrated in the case of the binomial. "
    "Biometrika 1934;26:404-413 (exact intervals).",
    "Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. "
    "J Am Stat Assoc 1958;53:457-481 (duration with censoring).",
    "Aalen OO, Johansen S. An empirical transition matrix for non-homogeneous Markov chains based on censored observations. "
    "Scand J Stat 1978;5:141-150 (cumulative incidence).",
    "Marubini E, Valsecchi MG. Analysing survival data from clinical trials and observational studies. "
    "Wiley 1995 (its variance).",
    "Brookmeyer R, Crowley J. A confidence interval for the median survival time. "
    "Biometrics 1982;38:29-41 (limits of a median time).",
)


def write(connection: duckdb.DuckDBPyConnection, path: Path, manifest: Mapping) -> None:
    """Write the report of a built cohort, and beside it a page per patient where they are too many for one file.

    manifest -- what went in and by which rules, as `build` makes it
    The same cohort gives the same bytes.
    """
    if released.below(manifest):
        page = template("report.html.j2").render(released_context(connection, manifest))
        path.write_text(page, encoding="utf-8", newline="\n")
        return
    courses = payload.payloads(connection)
    told = payload.shared(connection, data.systems(connection), data.choices(connection), data.stand_in(connection))
    ways = Ways({subject: number for number, (subject, _) in courses.items()}, in_folder=len(courses) > IN_ONE_FILE)
    page = template("report.html.j2").render(
        context(connection, manifest, ways), courses=courses, shared_json=json.dumps(told, ensure_ascii=False)
    )
    path.write_text(page, encoding="utf-8", newline="\n")
    if ways.in_folder:
        shell = template("patient.html.j2").render({name: pages.place(name) for name in pages.PLACES})
        pages.write(path.parent / FOLDER, shell, courses, told, ways)


@cache
def template(name: str) -> jinja2.Template:
    """A page. Every text is escaped; a name it does not know is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(assets.FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": words.count,
        "patients": lambda number: words.plural(number, "patient"),
        "number": words.number,
        "setting": words.setting,
        "percent": words.percent,
        "interval": words.interval,
        "script": assets.script,
        "sentence_case": words.sentence_case,
    }
    return environment.get_template(name)


def context(connection: duckdb.DuckDBPyConnection, manifest: Mapping, ways: Ways) -> dict:
    """Everything the page says; where small counts are kept back, what is left of it."""
    if released.below(manifest):
        return released_context(connection, manifest)
    systems = data.systems(connection)
    choices = data.choices(connection)
    cohorts = {system["system"]: data.cohort(connection, system["system"]) for system in systems}
    subjects = data.subjects_by_grade(connection, systems[0]["system"])
    agreement = agreement_section.section(connection, systems)
    recorded = recorded_section.section(connection)
    left_out = {name for name, shown in (("between", agreement), ("recorded", recorded)) if not shown}
    return {
        **_rules(connection, manifest, systems, choices),
        "suppressed": "",
        "contents": [(name, title) for name, title in CONTENTS if name not in left_out],
        "answer": answer(systems[0], cohorts[systems[0]["system"]]),
        "loaded": loaded(connection),
        "quality": quality_section.section(connection, choices),
        "cohort_tables": cohort_tables(systems, cohorts),
        "publication": [(system, publication.published(connection, system)) for system in systems],
        "agreement": agreement,
        "figures": captioned.of_cohort(connection, systems, cohorts, subjects, choices),
        "course": captioned.course(connection, systems[0], subjects, choices),
        "subjects": subjects_section.section(subjects, data.episodes(connection), systems[0], choices, ways),
        "ways": ways,
        "recorded": recorded,
        "recorded_steps": recorded_section.STEPS,
        "findings": recorded_section.findings(connection, systems[0]["system"]),
        "findings_choices": recorded_section.LOOKS,
        "terms": words.terms(cohorts[systems[0]["system"]]),
        "inputs": tables.input_table(manifest["inputs"]),
        "statistics": tuple(
            dict.fromkeys(
                (
                    *STATISTICS,
                    *(agreement_section.STATISTICS if agreement else ()),
                    *(recorded_section.STATISTICS if recorded else ()),
                )
            )
        ),
        "js": Markup("\n".join(assets.read(name) for name in SCRIPTS)),
    }


def released_context(connection: duckdb.DuckDBPyConnection, manifest: Mapping) -> dict:
    """What the page says where small counts are kept back: the numbers that went through it, and the rules."""
    below = released.below(manifest)
    systems = data.systems(connection)
    cohort = released.cohort(connection, systems[0])
    titles = {name: title for name, title in CONTENTS if name in released.SECTIONS} | {"figures": released.FIGURES}
    return {
        **_rules(connection, manifest, systems, data.choices(connection)),
        "suppressed": f"{released.sentence(below)} {released.LEFT_OUT}",
        "contents": list(titles.items()),
        "answer": released.answer(systems[0], cohort),
        "loaded": {"files": released.files(connection, below)},
        "quality": {"figures": ()},
        "publication": [(systems[0], publication.published(connection, systems[0], suppressed=True))],
        "agreement": None,
        "recorded": None,
        "figures": [released.figure(cohort)],
        # No patient is led to.
        "ways": Ways({}, in_folder=True),
        "terms": words.terms(cohort),
        "inputs": released.inputs(manifest),
        "statistics": STATISTICS,
        "js": Markup("\n".join((assets.read("rounding.js"), assets.read("course.js"), NO_PATIENTS, assets.read("report.js")))),
    }


def _rules(
    connection: duckdb.DuckDBPyConnection, manifest: Mapping, systems: Sequence[Row], choices: Mapping[str, Row]
) -> dict:
    """What the page says of rules, choices and provenance, and what it is made with: none of it counts patients."""
    return {
        "systems": systems,
        "choices": choices,
        "choices_changed": [choice for choice in choices.values() if choice["is_changed"]],
        "choice_names": {
            "grading": captioned.GRADING,
            "episodes": captioned.EPISODES,
            "ends": captioned.ENDS,
        },
        "notes": words,
        "ladders": rules_section.ladders(connection),
        "organ_grades": data.organ_grades(connection),
        "words": data.words(connection),
        "manifest": manifest,
        "stand_in": data.stand_in(connection),
        "config": house.CONFIG,
        "css": Markup(assets.grade_variables() + assets.read("report.css") + assets.read("course.css")),
        "plotly": assets.inline_plotly(),
    }


def answer(system: Row, cohort: Row) -> dict:
    """The result in a few numbers and one paragraph."""
    return {
        "system": system,
        "cohort": cohort,
        "sentences": [
            _who(system, cohort),
            *([_when(cohort)] if cohort["onset_day_median"] is not None else []),
            *_not_evaluable(cohort),
        ],
    }


def _who(system: Row, cohort: Row) -> str:
    if words.terms(cohort) is words.STAND_IN:
        return _who_met(system, cohort)
    treated = words.plural(cohort["n_treated"], "treated patient")
    if cohort["n_treated"] == 1:
        grade = next((grade for grade in tables.GRADES if cohort[f"n_grade_{grade}"]), None)
        had = (
            f"had CRS of grade {grade}"
            if grade
            else "had no CRS"
            if cohort["n_evaluable"]
            else "could not be evaluated"
        )
        return f"The one treated patient {had} by {system['name']}."
    if not cohort["n_any"]:
        limit = words.percent(cohort["pct_any_high"])
        return f"None of {treated} had CRS by {system['name']} (exact 95% CI 0.0% to {limit})."
    any_crs = _share(cohort, "any")
    severe = _share(cohort, "grade_3_or_more")
    return (
        f"Of {treated}, {cohort['n_any']:,} ({any_crs}) had CRS by {system['name']}; "
        f"in {cohort['n_grade_3_or_more']:,} ({severe}) it reached grade 3 or more."
    )


def _who_met(system: Row, cohort: Row) -> str:
    """Of patients who were not infused: whose charts meet the criteria all the same."""
    met = f"the charts of {cohort['n_any']:,} ({_share(cohort, 'any')}) meet the criteria of {system['name']}"
    severe = f"those of {cohort['n_grade_3_or_more']:,} ({_share(cohort, 'grade_3_or_more')}) those of grade 3 or more"
    return f"Of {words.plural(cohort['n_treated'], 'patient')}, none known to have been infused, {met}, and {severe}."


def _share(cohort: Row, name: str) -> str:
    low, high = cohort[f"pct_{name}_low"], cohort[f"pct_{name}_high"]
    return f"{words.percent(cohort[f'pct_{name}'])}; exact 95% CI {words.percent(low)} to {words.percent(high)}"


def _when(cohort: Row) -> str:
    if cohort["n_any"] == 1:
        lasted = words.plural(cohort["duration_days_max"], "day")
        least = "at least " if cohort["n_duration_censored"] else ""
        return f"The first episode began on day {cohort['onset_day_max']} and lasted {least}{lasted}."
    onset = words.number(cohort["onset_day_median"])
    quartiles = f"{words.number(cohort['onset_day_q1'])} to {words.number(cohort['onset_day_q3'])}"
    return f"The first episode began on day {onset} (median; quartiles {quartiles}) and {_lasted(cohort)}."


def _lasted(cohort: Row) -> str:
    median, censored = cohort["duration_days_km_median"], cohort["n_duration_censored"]
    unseen = f", {words.plural(censored, 'end')} not seen" if censored else ""
    if median is None:
        return f"its median duration was not reached (Kaplan-Meier{unseen})"
    return f"lasted {words.number(median)} {'day' if median == 1 else 'days'} (Kaplan-Meier median{unseen})"


def _not_evaluable(cohort: Row) -> list[str]:
    if not cohort["n_not_evaluable"]:
        return []
    if cohort["n_not_evaluable"] == 1:
        return ["One patient was not evaluable: no temperature was charted."]
    return [f"{cohort['n_not_evaluable']:,} patients were not evaluable: no temperature was charted."]


def loaded(connection: duckdb.DuckDBPyConnection) -> dict:
    """What was read, and what was not used, and why."""
    reasons = data.refusal_reasons(connection)
    total = sum(row["n"] for row in reasons)
    shown = data.refusals(connection, REFUSALS_SHOWN)
    return {
        "files": tables.load_table(data.load(connection)),
        "reasons": tables.reasons_table(reasons) if reasons else None,
        "rows": tables.refusals_table(shown) if shown else None,
        "total": total,
        "shown": len(shown),
    }


def cohort_tables(systems: Sequence[Row], cohorts: Mapping[str, Row]) -> list[Table]:
    """The whole cohort under every system, some systems abreast."""
    abreast = tables.SYSTEMS_ABREAST
    return [
        tables.cohort_table(systems[first : first + abreast], cohorts, "The whole cohort")
        for first in range(0, len(systems), abreast)
    ]
