"""Why a grade is what it is: the text of `explain`, line by line, and the evidence for every grade.

The worked explanations are of the rows drawn below; the first column is the row that the text must name. The
evidence is that of the sample cohort.
"""

import io
import subprocess
import sys
from functools import cache
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from charts import hours_of, read_table

import pipeline
from pipeline import build
from pipeline.errors import UsageError
from pipeline.grading import rules
from pipeline.reports.terminal.progress import Progress

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample" / "tidy"

CHARTED = """
row  subject  concept         hour   to  value  unit       indication
  1  DRUGS    temperature    57:58       38.7   degC
  2  DRUGS    systolic_bp    57:58       95     mmHg
  3  DRUGS    norepinephrine    52   60  0.15   ug/kg/min
  4  DRUGS    epinephrine       58   62  0.05   ug/kg/min
  5  DRUGS    temperature    58:28       37.4   degC
  6  STEROID  temperature        2       38.9   degC
  7  STEROID  dexamethasone      4       10     mg
  8  STEROID  temperature        6       37.0   degC
  9  STEROID  systolic_bp       48       120    mmHg
 10  STEROID  systolic_bp       50       84     mmHg
 11  STEROID  temperature       50       36.9   degC
 12  STEROID  systolic_bp       52       118    mmHg
 13  DOSES    weight             0       70     kg
 14  DOSES    temperature        2       38.9   degC
 15  DOSES    tocilizumab        4       8      mg/kg
 16  DOSES    temperature        6       37.0   degC
 17  DOSES    acetaminophen     30       1      g
 18  DOSES    systolic_bp       40       84     mmHg
 19  DOSES    systolic_bp       42       118    mmHg
 20  LINKED   temperature        2       101.3  degF
 21  LINKED   systolic_bp        2       120    mmHg
 22  LINKED   temperature        6       37.0   degC
 23  LINKED   systolic_bp       12       118    mmHg
 24  LINKED   temperature       18       36.9   degC
 25  LINKED   norepinephrine    20   36  0.05   ug/kg/min
 26  LINKED   systolic_bp       24       104    mmHg
 27  LINKED   nasal_cannula     30   34  2      L/min
 28  LINKED   temperature       30       36.8   degC
 29  HOLD     temperature        2       38.5   degC
 30  HOLD     systolic_bp        2       110    mmHg
 31  HOLD     norepinephrine     4       0.1    ug/kg/min
 32  HOLD     epinephrine        6    8  0.05   ug/kg/min
 33  HOLD     temperature       12       37.0   degC
 34  HOME     norepinephrine    -3    6  0.05   ug/kg/min
 35  HOME     temperature        2       38.5   degC
 36  HOME     systolic_bp        2       110    mmHg
 37  HOME     phenylephrine      8
 38  HOME     temperature       12       37.0   degC
 39  BLANK    temperature        2       38.5   degC
 40  BLANK    temperature        6       37.0   degC
 41  DEATH    temperature        2       38.5   degC
 42  DEATH    systolic_bp        2       110    mmHg
 43  DEATH    norepinephrine     4   30  0.1    ug/kg/min
 44  COLD     temperature        0       37.0   degC
 45  COLD     systolic_bp        0       110    mmHg
 46  COLD     norepinephrine     4    8  0.1    ug/kg/min
 47  UNTAKEN  systolic_bp        0       110    mmHg
 48  UNTAKEN  norepinephrine     2    6  0.1    ug/kg/min
 49  QUIET    temperature        0       38.5   degC
 50  QUIET    systolic_bp        0       110    mmHg
 51  QUIET    temperature        4       37.0   degC
 52  QUIET    temperature       10       38.5   degC
 53  QUIET    temperature       12       37.0   degC
 54  LATE     temperature      720       38.5   degC
 55  LATE     systolic_bp      720       110    mmHg
 56  DOSES    temperature       38       36.8   degC
"""

SUBJECTS = {
    "BLANK": {"infusion_time": "2031-05-04T14:00:00"},
    "DEATH": {"death_hour": 10, "death_cause": "crs"},
    "NOBODY": {},
}

LEE = "Lee 2019, table 2, row"
VASOPRESSOR = f"vasopressor (grade 3)   a vasopressor, with or without vasopressin   {LEE} Hypotension"
HYPOTENSION = f"hypotension (grade 2)   hypotension not requiring vasopressors (the low pressure itself)   {LEE} Hypotension"
FEVER = f"fever (grade 1)   temperature of 38.0 degC or more   {LEE} Fever"
UNLINKED = "support is in force, but no fever, recent fever or waiver has linked it to an episode"
PRESUMED = "no end and no later charting: taken to run on as long as open_support_holds_h"
BEFORE_INFUSION = "in use before the infusion, and not raised above that"
UNPROVEN = "neither a rate nor an end was charted: proves nothing that lasts"


@cache
def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Subjects and observations of the rows above, with the columns of the source `tidy`."""
    rows = read_table(CHARTED)
    assert [int(row["row"]) for row in rows] == list(range(1, len(rows) + 1)), "number the rows in order"
    names = list(dict.fromkeys([*(row["subject"] for row in rows), *SUBJECTS]))
    columns = ["subject_id", "infusion_time", "death_hour", "death_cause"]
    facts = [{"subject_id": name, **SUBJECTS.get(name, {})} for name in names]
    observations = pd.DataFrame(
        {
            "subject_id": row["subject"],
            "concept": row["concept"],
            "start_hour": hours_of(row["hour"]),
            "end_hour": hours_of(row["to"]) if "to" in row else None,
            "value": row.get("value"),
            "unit": row.get("unit"),
            "indication": row.get("indication"),
        }
        for row in rows
    )
    return pd.DataFrame(facts, columns=columns), observations


@cache
def cohort() -> pipeline.Cohort:
    """The rows above, graded."""
    return pipeline.grade(*frames())


def explained(subject: str, **moment: float) -> list[str]:
    """The lines of the explanation by ASTCT."""
    return cohort().explain(subject, "astct_2019", **moment).splitlines()


def charting(concept: str, amount: str, when: str, row: int) -> str:
    """A line of evidence: what, how much, when, and where it stands."""
    return f"      {concept:<24}{amount:<20}{when:<24}observations row {row}"


# The worked explanation


def test_two_vasopressors_are_told_with_their_rows_and_the_fever_with_its_own():
    """The grade, the hours it holds, whether it could be higher; then each criterion, highest first."""
    assert explained("DRUGS") == [
        "DRUGS  day 2 10:00-10:28   ASTCT consensus grading 2019  grade 4   (cannot be higher)",
        "  as of day 2 10:00, 58 h after the infusion",
        "  in episode 1",
        "  several_vasopressors (grade 4)   two or more vasopressors at once, vasopressin not counted"
        f"   {LEE} Hypotension",
        charting("epinephrine", "0.05 ug/kg/min", "from day 2 10:00", 4),
        charting("norepinephrine", "0.15 ug/kg/min", "from day 2 04:00", 3),
        f"  {VASOPRESSOR}",
        charting("epinephrine", "0.05 ug/kg/min", "from day 2 10:00", 4),
        charting("norepinephrine", "0.15 ug/kg/min", "from day 2 04:00", 3),
        f"  {FEVER}",
        charting("temperature", "38.7 degC", "at day 2 09:58", 1),
    ]


def test_every_system_is_explained_where_none_is_named_and_a_misprint_says_so():
    """One part for each, with a blank line between."""
    name = "NCCN v1.2022 as one article prints it (misprint)"
    parts = cohort().explain("DRUGS").split("\n\n")
    assert len(parts) == len(SYSTEMS)
    assert parts[0].splitlines() == explained("DRUGS")
    lines = next(part for part in parts if name in part).splitlines()
    assert lines[0] == f"DRUGS  day 2 10:00-10:28   {name}  grade 4   (cannot be higher)"
    assert lines[2].startswith("  a misprint: Grade 2 repeats the vasopressor clause of grade 3, ")
    assert lines[4].startswith("  fever_with_several_vasopressors (grade 4)   fever with hypotension ")
    assert lines[5:8] == [
        charting("epinephrine", "0.05 ug/kg/min", "from day 2 10:00", 4),
        charting("norepinephrine", "0.15 ug/kg/min", "from day 2 04:00", 3),
        charting("temperature", "38.7 degC", "at day 2 09:58", 1),
    ]


# What stands in for a fever


def test_a_waiver_is_told_with_the_row_of_its_dose():
    """Two days after the fever the low pressure counts because of the steroid."""
    assert explained("STEROID") == [
        "STEROID  day 2 02:00-04:00   ASTCT consensus grading 2019  grade 2   (cannot be higher)",
        "  as of day 2 02:00, 50 h after the infusion",
        "  in episode 1",
        f"  {HYPOTENSION}",
        charting("systolic_bp", "84 mmHg", "at day 2 02:00", 10),
        "  fever or its waiver   given after the first fever: fever is not required",
        charting("dexamethasone", "10 mg", "from day 0 04:00", 7),
    ]


def test_a_dose_is_told_in_the_unit_that_is_named():
    """8 mg/kg at 70 kg is 560 mg, and 1 g is 1000 mg: an amount beside a unit that is not its own
    misleads."""
    told = explained("DOSES", hour=41)
    assert told[-2:] == [
        charting("acetaminophen", "1000 mg", "from day 1 06:00", 17),
        charting("tocilizumab", "560 mg", "from day 0 04:00", 15),
    ]


def test_support_within_a_day_of_a_fever_is_told_with_that_fever():
    """101.3 degF, shown in the unit that the rule compares."""
    assert explained("LINKED") == [
        "LINKED  day 0 20:00-day 1 06:00   ASTCT consensus grading 2019  grade 3   (cannot be higher)",
        "  as of day 0 20:00, 20 h after the infusion",
        "  in episode 1",
        f"  {VASOPRESSOR}",
        charting("norepinephrine", "0.05 ug/kg/min", "from day 0 20:00", 25),
        "  fever or its waiver   the fever it belongs to",
        charting("temperature", "38.5 degC", "at day 0 02:00", 20),
    ]


def test_support_that_goes_on_beyond_the_window_is_told_as_linked():
    """At hour 31 the fever is 29 hours old; what counts is that the support has not stopped since."""
    told = explained("LINKED", hour=31)
    assert told[0] == "LINKED  day 1 06:00-10:00   ASTCT consensus grading 2019  grade 3   (cannot be higher)"
    assert told[3:5] == [
        f"  {VASOPRESSOR}",
        charting("norepinephrine", "0.05 ug/kg/min", "from day 0 20:00", 25),
    ]
    assert told[6:] == [
        charting("nasal_cannula", "2 L/min", "from day 1 06:00", 27),
        "  fever or its waiver   the support began under this, and counts until it stops",
        charting("temperature", "38.5 degC", "at day 0 02:00", 20),
    ]


def test_support_that_nothing_links_is_told_as_not_counted():
    """Shock without fever: grade 0, and why."""
    assert explained("COLD", hour=5) == [
        "COLD  day 0 00:00-14:00   ASTCT consensus grading 2019  grade 0   (cannot be higher)",
        "  as of day 0 05:00, 5 h after the infusion",
        f"  not counted   {UNLINKED}",
    ]


# What is presumed, set aside or unknown


def test_a_presumed_hold_is_told_and_with_it_what_it_cannot_prove():
    """Norepinephrine counts as one drug; that it ran beside epinephrine cannot be ruled out."""
    assert explained("HOLD", hour=7) == [
        "HOLD  day 0 06:00-08:00   ASTCT consensus grading 2019  grade 3   (could be up to 4)",
        "  as of day 0 07:00, 7 h after the infusion",
        "  in episode 1",
        f"  {VASOPRESSOR}",
        charting("epinephrine", "0.05 ug/kg/min", "from day 0 06:00", 32),
        charting("norepinephrine", "0.1 ug/kg/min", "from day 0 04:00", 31),
        f"  {FEVER}",
        charting("temperature", "38.5 degC", "at day 0 02:00", 29),
        f"  presumed   {PRESUMED}",
        charting("norepinephrine", "0.1 ug/kg/min", "from day 0 04:00", 31),
        "  cannot be ruled out   several_vasopressors (grade 4)",
    ]


def test_support_from_before_the_infusion_is_told_as_set_aside():
    """It stands in the text with its row, so that a reader can disagree."""
    assert explained("HOME", hour=3) == [
        "HOME  day 0 02:00-06:00   ASTCT consensus grading 2019  grade 1   (could be up to 3)",
        "  as of day 0 03:00, 3 h after the infusion",
        "  in episode 1",
        f"  {FEVER}",
        charting("temperature", "38.5 degC", "at day 0 02:00", 35),
        f"  not counted   {BEFORE_INFUSION}",
        charting("norepinephrine", "0.05 ug/kg/min", "from day -1 21:00", 34),
        "  cannot be ruled out   vasopressor (grade 3)",
    ]


def test_a_push_is_told_as_proving_nothing_that_lasts():
    """Neither rate nor end: the row is there, its grade is not."""
    assert explained("HOME", hour=9)[-3:] == [
        f"  not counted   {UNPROVEN}",
        charting("phenylephrine", "no amount charted", "from day 0 08:00", 37),
        "  cannot be ruled out   vasopressor (grade 3)",
    ]


def test_a_pressure_that_nobody_took_is_told_as_not_known():
    """The infusion was at 14:00, so hour 2 is 16:00 on the clock."""
    assert explained("BLANK") == [
        "BLANK  day 0 16:00-20:00   ASTCT consensus grading 2019  grade 1   (could be up to 2)",
        "  as of day 0 16:00, 2 h after the infusion",
        "  in episode 1",
        f"  {FEVER}",
        charting("temperature", "38.5 degC", "at day 0 16:00", 39),
        "  not known   no systolic pressure in force",
        "  cannot be ruled out   hypotension (grade 2)",
    ]


def test_the_criterion_behind_a_ceiling_is_named_where_only_the_fever_is_unknown():
    """The vasopressor is charted, the fever that would link it is not: 3 cannot be ruled out, so it is
    named."""
    told = explained("UNTAKEN", hour=3)
    when = "day 0 02:00-06:00"
    assert told[0] == f"UNTAKEN  {when}   ASTCT consensus grading 2019  grade 0   (could be up to 3)"
    assert "  not known   no temperature in force" in told
    assert told[-1] == "  cannot be ruled out   fever (grade 1), vasopressor (grade 3)"


def test_a_patient_of_whom_nothing_was_charted_is_told_so():
    """There is no moment to explain."""
    assert explained("NOBODY") == [
        "NOBODY  ASTCT consensus grading 2019",
        "  nothing was charted from the infusion on: not evaluable",
    ]


# Episodes and death


def test_a_quiet_hour_within_an_episode_is_told_as_within_it():
    """Grade 0 between two fevers six hours apart."""
    assert explained("QUIET", hour=5) == [
        "QUIET  day 0 04:00-10:00   ASTCT consensus grading 2019  grade 0   (cannot be higher)",
        "  as of day 0 05:00, 5 h after the infusion",
        "  in episode 1",
    ]


def test_a_fever_on_day_30_is_told_as_in_no_episode():
    """Graded, and no CRS."""
    told = explained("LATE")
    assert told[0] == "LATE  day 30 00:00-14:00   ASTCT consensus grading 2019  grade 1   (cannot be higher)"
    assert told[2] == (
        "  in no episode: before the first fever of its chain, without any, or after the onset window"
    )


def test_death_adjudicated_to_crs_is_told_with_the_row_of_the_subject():
    """It is the highest grade, and rests on the adjudication."""
    row = list(dict.fromkeys([row["subject"] for row in read_table(CHARTED)])).index("DEATH") + 1
    death = [
        "DEATH  day 0 10:00   ASTCT consensus grading 2019  grade 5",
        f"  death   death adjudicated to CRS (death_cause = crs)   subjects row {row}",
    ]
    assert explained("DEATH") == death
    assert explained("DEATH", hour=10) == death


def test_on_the_day_of_a_death_of_crs_the_highest_grade_is_that_death():
    """A day is explained by its highest grade."""
    assert explained("DEATH", day=0) == explained("DEATH")


def test_the_minutes_before_a_death_of_crs_have_the_grade_that_the_chart_proves():
    """The vasopressor, not the death."""
    assert explained("DEATH", hour=9.9) == [
        "DEATH  day 0 04:00-10:00   ASTCT consensus grading 2019  grade 3   (cannot be higher)",
        "  as of day 0 09:54, 9.9 h after the infusion",
        "  in episode 1",
        f"  {VASOPRESSOR}",
        charting("norepinephrine", "0.1 ug/kg/min", "from day 0 04:00", 43),
        f"  {FEVER}",
        charting("temperature", "38.5 degC", "at day 0 02:00", 41),
    ]


# The moment


def test_a_day_is_explained_by_its_highest_grade():
    """Day 2 of two vasopressors; of day 1, before any charting, its first minute."""
    assert explained("DRUGS", day=2) == explained("DRUGS")
    assert explained("DRUGS", day=1)[:2] == [
        "DRUGS  day 0 00:00-day 2 04:00   ASTCT consensus grading 2019  grade 0   (could be up to 2)",
        "  as of day 1 00:00, 24 h after the infusion",
    ]


def test_days_are_those_of_the_calendar():
    """Infused at 14:00, day 1 begins ten hours later."""
    assert explained("BLANK", day=1)[1] == "  as of day 1 00:00, 10 h after the infusion"


def test_an_hour_is_explained_to_the_minute():
    """At 58.5 h the temperature has fallen; the fever is now the one that the drugs belong to."""
    assert explained("DRUGS", hour=58.5) == [
        "DRUGS  day 2 10:28-12:00   ASTCT consensus grading 2019  grade 4   (cannot be higher)",
        "  as of day 2 10:30, 58.5 h after the infusion",
        *explained("DRUGS")[2:-2],
        "  fever or its waiver   the fever it belongs to",
        charting("temperature", "38.7 degC", "at day 2 09:58", 1),
    ]


DRUGS_END = "the observation ends 72.4667 h after the infusion (day 3 00:28)."


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"subject": "DRUG"}, "there is no subject 'DRUG' in this run; there is DRUGS."),
        (
            {"subject": "DRUGS", "system": "astct"},
            "there is no system 'astct' in this run; there is astct_2019, nccn_2022_as_cited, ctcae_5.",
        ),
        ({"subject": "DRUGS", "day": 2, "hour": 58}, "--day and --hour: give one of them."),
        ({"subject": "DRUGS", "day": 9}, f"DRUGS was not under observation on day 9; {DRUGS_END}"),
        ({"subject": "DRUGS", "day": -1}, f"DRUGS was not under observation on day -1; {DRUGS_END}"),
        ({"subject": "DRUGS", "hour": 900}, f"DRUGS was not under observation at that time; {DRUGS_END}"),
        ({"subject": "DRUGS", "hour": -1}, f"DRUGS was not under observation at that time; {DRUGS_END}"),
    ],
)
def test_what_cannot_be_explained_is_told_in_one_sentence(asked, sentence):
    """What is wrong, and what there is."""
    with pytest.raises(UsageError) as fault:
        cohort().explain(**asked)
    assert str(fault.value) == sentence


# The command


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    """The folder of a finished run over the rows above, written as CSV files."""
    folder = tmp_path_factory.mktemp("explain")
    for name, frame in zip(("subjects", "observations"), frames()):
        frame.to_csv(folder / f"{name}.csv", index=False)
    build.run(build.Request("tidy", folder, folder / "out", report=False), Progress(io.StringIO()))
    return folder / "out"


def run_explain(out: Path, *arguments: str) -> subprocess.CompletedProcess:
    """The command, as it is called from a shell."""
    command = [sys.executable, "-m", "pipeline", "explain", *arguments, "--out", str(out)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


def test_the_command_says_the_same_and_names_the_files(run_folder):
    """One text for all who ask; the rows are those of the CSV files."""
    done = run_explain(run_folder, "DRUGS", "--system", "astct_2019", "--hour", "58.2")
    assert (done.returncode, done.stderr) == (0, "")
    said = explained("DRUGS", hour=58.2)
    expected = [line.replace("observations row", "observations.csv row") for line in said]
    assert done.stdout.splitlines() == expected
    assert "observations.csv row 4" in expected[4]


def test_the_command_tells_an_unknown_subject_in_one_sentence(run_folder):
    """Exit code 2, nothing on standard output."""
    done = run_explain(run_folder, "DRUG")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "cytograde: there is no subject 'DRUG' in this run; there is DRUGS.\n"


# Evidence for every grade of the sample cohort

SYSTEMS = tuple(rules.read_systems())
ROLES = {"in force", "fever within window", "waiver", "linked", "death"}
HOLD = 14 * 60


@pytest.fixture(scope="module")
def sample():
    """The connection of the sample cohort, graded from its two files read as text."""
    files = (SAMPLE / "subjects.csv", SAMPLE / "observations.csv")
    return pipeline.grade(*(pd.read_csv(file, dtype=str) for file in files)).connection


def faults(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    """The rows that should not be, five at most."""
    return connection.execute(f"{query} LIMIT 5").fetchall()


def test_every_grade_has_evidence_for_each_criterion_that_was_met(sample):
    """Law: every grade above 0 leads to the rows that made it."""
    graded = sample.execute("SELECT count(*) FROM grading.grades WHERE grade >= 1").fetchone()[0]
    assert graded > 300
    assert faults(sample, """
        SELECT m.system, m.subject_id, m.start_minute, m.criterion
        FROM (SELECT *, unnest(because) AS criterion FROM grading.grades WHERE grade >= 1) AS m
        ANTI JOIN grading.evidence AS e
            ON e.system = m.system AND e.subject_id = m.subject_id AND e.start_minute = m.start_minute
            AND e.end_minute = m.end_minute AND e.criterion = m.criterion AND e.role = 'in force'
    """) == []


def test_there_is_no_evidence_for_a_criterion_that_was_not_met(sample):
    """And of one kind of role each row is given once."""
    assert faults(sample, """
        SELECT e.* FROM grading.evidence AS e
        ANTI JOIN (SELECT *, unnest(because) AS criterion FROM grading.grades) AS m
            ON e.system = m.system AND e.subject_id = m.subject_id AND e.start_minute = m.start_minute
            AND e.end_minute = m.end_minute AND e.criterion = m.criterion
        WHERE e.role <> 'death'
    """) == []
    assert faults(sample, """
        SELECT system, subject_id, start_minute, criterion, role, source_file, source_row
        FROM grading.evidence GROUP BY ALL HAVING count(*) > 1
    """) == []


def test_the_roles_are_those_of_the_contract_and_the_sample_shows_each(sample):
    """A reader of the table may rely on the list."""
    found = sample.execute("SELECT DISTINCT role FROM grading.evidence").fetchall()
    assert {role for (role,) in found} == ROLES


def test_evidence_says_what_the_observations_say_of_that_file_and_row(sample):
    """Value, unit, concept, minute and subject, for every row but a death."""
    assert faults(sample, """
        SELECT e.subject_id, e.concept, e.value, e.unit, o.value, o.unit, e.source_row
        FROM grading.evidence AS e
        LEFT JOIN staging.observations AS o USING (source_file, source_row)
        WHERE e.role <> 'death'
          AND (e.subject_id, e.concept, e.value, e.unit, e.charted_minute)
              IS DISTINCT FROM (o.subject_id, o.concept, o.value, o.unit, o.start_minute)
    """) == []


def test_the_amounts_of_doses_are_those_of_the_observations():
    """In the sample every dose is in mg; here one is by weight and one in grams."""
    rows = cohort().connection.execute("""
        SELECT e.source_row, e.concept, e.value, e.unit, o.value, o.unit
        FROM grading.evidence AS e
        JOIN staging.observations AS o USING (source_file, source_row)
        WHERE e.subject_id = 'DOSES' AND e.role = 'waiver' ORDER BY e.source_row
    """).fetchall()
    assert rows == [
        (15, "tocilizumab", 560.0, "mg", 560.0, "mg"),
        (17, "acetaminophen", 1000.0, "mg", 1000.0, "mg"),
    ]


def test_readings_are_on_the_side_of_the_limit_that_counts_and_graded(sample):
    """A temperature of 38.0 or more, whatever its role; a pressure below the limit of the subject's age, in CARTOX below
    90 mmHg at any age."""
    assert faults(sample, """
        SELECT e.* FROM grading.evidence AS e
        JOIN staging.observations AS o USING (source_file, source_row)
        JOIN staging.subjects AS s ON s.subject_id = e.subject_id
        WHERE e.concept IN ('temperature', 'systolic_bp')
          AND NOT (o.graded AND e.charted_minute >= 0
                   AND CASE e.concept WHEN 'temperature' THEN e.value >= 38.0
                                      ELSE e.value < CASE e.system WHEN 'cartox_2018' THEN 90 ELSE s.systolic_bp_limit END END)
    """) == []


def test_readings_in_force_were_charted_within_their_hold(sample):
    """Before the stretch ends, and 14 h before it begins at the earliest."""
    assert faults(sample, f"""
        SELECT * FROM grading.evidence
        WHERE role = 'in force' AND concept IN ('temperature', 'systolic_bp')
          AND NOT (charted_minute < end_minute AND charted_minute + {HOLD} > start_minute)
    """) == []


def test_therapies_in_force_are_graded_and_reach_into_the_stretch(sample):
    """Charted with no other reason, and running at some time of it; the minutes in force are given. A course of
    vasopressors outlasts its rows by an hour, a high dose by a quarter of one."""
    assert faults(sample, """
        SELECT e.* FROM grading.evidence AS e
        JOIN staging.observations AS o USING (source_file, source_row)
        WHERE e.role = 'in force' AND e.concept NOT IN ('temperature', 'systolic_bp')
          AND NOT (o.graded AND o.start_minute < e.end_minute
                   AND coalesce(e.in_force_start < e.end_minute AND e.in_force_end > e.start_minute
                       - CASE e.criterion WHEN 'vasopressor_24_h' THEN 60 WHEN 'high_dose_vasopressor' THEN 15 ELSE 0 END, FALSE))
    """) == []


def test_several_vasopressors_rest_on_two_drugs_in_every_minute(sample):
    """Two agents at least, and both from the first minute to the last; where it is not counted vasopressin is not among them."""
    assert faults(sample, """
        SELECT system, subject_id, start_minute, count(DISTINCT concept) AS drugs
        FROM grading.evidence
        WHERE criterion LIKE '%several_vasopressors' AND role = 'in force' AND concept <> 'temperature'
        GROUP BY ALL
        HAVING drugs < 2 OR (bool_or(concept = 'vasopressin') AND system IN ('astct_2019', 'nccn_2022_as_cited'))
    """) == []


def test_afebrile_support_has_a_link_and_febrile_support_needs_none(sample):
    """By ASTCT: a recent fever, a waiver, or the link it began with. The printed ladder links nothing."""
    assert faults(sample, """
        WITH stretches AS (
            SELECT g.subject_id, g.start_minute, list_contains(g.because, 'fever') AS febrile,
                   count(e.role) FILTER (e.role IN ('fever within window', 'waiver', 'linked')) AS links
            FROM grading.grades AS g
            JOIN grading.evidence AS e
                ON e.system = g.system AND e.subject_id = g.subject_id AND e.start_minute = g.start_minute
            WHERE g.system = 'astct_2019' AND g.grade >= 2 AND e.role <> 'death'
            GROUP BY ALL
        )
        SELECT * FROM stretches WHERE febrile <> (links = 0)
    """) == []
    assert faults(sample, """
        SELECT * FROM grading.evidence
        WHERE system = 'nccn_2022_as_cited' AND role NOT IN ('in force', 'death')
    """) == []


def test_a_waiver_was_given_after_the_first_fever_and_before_the_stretch(sample):
    """'Has CRS, then receives'."""
    assert faults(sample, """
        SELECT e.* FROM grading.evidence AS e
        JOIN (SELECT subject_id, min(start_minute) AS minute FROM staging.observations
              WHERE concept = 'temperature' AND graded AND value >= 38.0 AND start_minute >= 0
              GROUP BY subject_id) AS f USING (subject_id)
        WHERE e.role = 'waiver' AND NOT (f.minute <= e.charted_minute AND e.charted_minute <= e.start_minute)
    """) == []


def test_a_fever_within_the_window_is_less_than_a_day_older_than_the_stretch(sample):
    """Where it is older, the role is that of a link."""
    assert faults(sample, """
        SELECT * FROM grading.evidence
        WHERE role IN ('fever within window', 'linked')
          AND (start_minute - charted_minute < 24 * 60) <> (role = 'fever within window')
    """) == []


def test_a_death_of_crs_rests_on_the_row_of_the_subject(sample):
    """One row for each system, at the minute of death, grade 5."""
    subjects = pd.read_csv(SAMPLE / "subjects.csv", dtype=str)
    died = [(row.subject_id, row.Index + 1) for row in subjects.itertuples() if row.death_cause == "crs"]
    found = sample.execute("""
        SELECT e.system, e.subject_id, e.source_file, e.source_row, e.grade, e.start_minute = s.death_minute
        FROM grading.evidence AS e JOIN staging.subjects AS s USING (subject_id)
        WHERE e.role = 'death' ORDER BY ALL
    """).fetchall()
    assert died and found == [
        (system, name, "subjects", row, 5, True)
        for system in SYSTEMS
        for name, row in died
    ]


def test_baseline_support_is_never_evidence():
    """What was set aside proves nothing; it stands in the explanation, not in the evidence."""
    evidence = cohort().evidence("HOME")
    assert set(evidence["source_row"]) == {35}
