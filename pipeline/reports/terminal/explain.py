"""Why a subject has a grade at a moment: criteria in words, the chartings behind them, what is presumed or unknown."""

import difflib
import math

import duckdb

from pipeline.errors import UsageError
from pipeline.reports import rounding

INDENT = "  "


def explain(
    connection: duckdb.DuckDBPyConnection,
    subject: str,
    system: str | None = None,
    day: int | None = None,
    hour: float | None = None,
) -> str:
    """The verdict of each system at a moment, as text.

    day  -- day after the infusion (day 0): the moment of its highest grade
    hour -- hours after the infusion: that minute
    With neither, the first moment of the highest grade of the subject.
    Raises UsageError for an unknown subject or system, or a moment outside the observation.
    """
    if day is not None and hour is not None:
        raise UsageError("--day and --hour: give one of them.")
    _known(connection, "subject", "staging.subjects", "subject_id", subject)
    if system is not None:
        _known(connection, "system", "rules.systems", "system", system)
    ids = [system] if system else [row[0] for row in connection.execute("SELECT system FROM rules.systems ORDER BY 1").fetchall()]
    parts = [_explain_one(connection, subject, one, day, hour) for one in ids]
    return "\n\n".join(parts)


def _known(connection: duckdb.DuckDBPyConnection, what: str, table: str, column: str, value: str) -> None:
    known = [row[0] for row in connection.execute(f"SELECT {column} FROM {table} ORDER BY 1").fetchall()]
    if value not in known:
        near = difflib.get_close_matches(value, known, n=3, cutoff=0.3) or known[:3]
        raise UsageError(f"there is no {what} {value!r} in this run; there is {', '.join(near)}.")


def _explain_one(connection: duckdb.DuckDBPyConnection, subject: str, system: str, day: int | None, hour: float | None) -> str:
    minute = _moment(connection, subject, system, day, hour)
    name, short_citation, misprint = connection.execute(
        "SELECT name, short_citation, misprint FROM rules.systems WHERE system = ?", [system]
    ).fetchone()
    if minute is None:
        return f"{subject}  {name}\n{INDENT}nothing was charted from the infusion on: not evaluable"
    verdict = connection.execute(
        "SELECT start_minute, end_minute, grade, ceiling, episode FROM grading.grades "
        "WHERE system = ? AND subject_id = ? AND start_minute <= ? AND ? < end_minute",
        [system, subject, minute, minute],
    ).fetchone()
    fatal = connection.execute(
        "SELECT episode FROM episodes.episodes WHERE system = ? AND subject_id = ? AND is_fatal AND end_minute = ?",
        [system, subject, minute],
    ).fetchone()
    if verdict is None and fatal is None:
        raise UsageError(f"{subject} was not under observation at that time; {_span(connection, subject)}.")
    lines = []
    if fatal:
        lines.append(f"{subject}  {_at(connection, subject, minute)}   {name}  grade 5")
        lines.append(f"{INDENT}death   death adjudicated to CRS (death_cause = crs)   {_subject_row(connection, subject)}")
        return "\n".join(lines)
    start, end, grade, ceiling, episode = verdict
    bound = "cannot be higher" if ceiling == grade else f"could be up to {ceiling}"
    lines.append(f"{subject}  {_between(connection, subject, start, end)}   {name}  grade {grade}   ({bound})")
    lines.append(f"{INDENT}as of {_at(connection, subject, minute)}, {rounding.digits(minute / 60, 4)} h after the infusion")
    stand_in = connection.execute("SELECT sentence FROM sources.time_zero WHERE is_stand_in").fetchone()
    if stand_in:
        lines.append(f"{INDENT}{stand_in[0]}")
    if misprint:
        lines.append(f"{INDENT}a misprint: {misprint}")
    if grade and episode is None:
        lines.append(f"{INDENT}in no episode: before the first fever of its chain, without any, or after the onset window")
    elif episode is not None:
        lines.append(f"{INDENT}in episode {episode}")
    lines += _criteria(connection, subject, system, start, minute, short_citation)
    lines += _links(connection, subject, system, start)
    lines += _unlinked(connection, subject, system, start, end, grade)
    lines += _presumed(connection, subject, minute)
    lines += _set_aside(connection, subject, minute)
    lines += _unknown(connection, subject, system, minute, grade, ceiling)
    return "\n".join(lines)


def _moment(
    connection: duckdb.DuckDBPyConnection, subject: str, system: str, day: int | None, hour: float | None
) -> int | None:
    """The minute to explain."""
    if hour is not None:
        return math.floor(hour * 60 + 0.5)
    if day is not None:
        death = connection.execute(
            "SELECT first_max_minute FROM episodes.episodes AS e JOIN staging.subjects AS s USING (subject_id) "
            "WHERE e.system = ? AND e.subject_id = ? AND e.is_fatal "
            "AND day_of(e.first_max_minute, s.infusion_minute_of_day) = ?",
            [system, subject, day],
        ).fetchone()
        if death:
            return death[0]
        row = connection.execute(
            "SELECT g.start_minute, g.grade, greatest(g.start_minute, ? * 1440 - s.infusion_minute_of_day, 0) AS moment "
            "FROM grading.grades AS g JOIN staging.subjects AS s USING (subject_id) "
            "WHERE g.system = ? AND g.subject_id = ? AND g.start_minute < (? + 1) * 1440 - s.infusion_minute_of_day "
            "AND g.end_minute > ? * 1440 - s.infusion_minute_of_day ORDER BY g.grade DESC, g.start_minute LIMIT 1",
            [day, system, subject, day, day],
        ).fetchone()
        if row is None:
            raise UsageError(f"{subject} was not under observation on day {day}; {_span(connection, subject)}.")
        return row[2]
    row = connection.execute(
        "SELECT first_max_minute FROM episodes.episodes WHERE system = ? AND subject_id = ? "
        "ORDER BY max_grade DESC, episode LIMIT 1",
        [system, subject],
    ).fetchone()
    if row is None:
        row = connection.execute(
            "SELECT start_minute FROM grading.grades WHERE system = ? AND subject_id = ? "
            "ORDER BY grade DESC, ceiling DESC, start_minute LIMIT 1",
            [system, subject],
        ).fetchone()
    return row[0] if row else None


def _span(connection: duckdb.DuckDBPyConnection, subject: str) -> str:
    last = connection.execute(
        "SELECT p.last_minute FROM timeline.spans AS p JOIN staging.subjects AS s USING (subject_no) WHERE s.subject_id = ?",
        [subject],
    ).fetchone()[0]
    return f"the observation ends {rounding.short(last / 60, 4)} h after the infusion ({_at(connection, subject, last)})"


def _at(connection: duckdb.DuckDBPyConnection, subject: str, minute: int) -> str:
    """`day 2 10:00`, on the clock of the infusion."""
    query = "SELECT infusion_minute_of_day FROM staging.subjects WHERE subject_id = ?"
    offset = connection.execute(query, [subject]).fetchone()[0]
    day, rest = divmod(minute + offset, 1440)
    return f"day {day} {rest // 60:02d}:{rest % 60:02d}"


def _between(connection: duckdb.DuckDBPyConnection, subject: str, start: int, end: int) -> str:
    first, last = _at(connection, subject, start), _at(connection, subject, end)
    same_day = first.rsplit(" ", 1)[0] == last.rsplit(" ", 1)[0]
    return f"{first}-{last.rsplit(' ', 1)[1] if same_day else last}"


def _subject_row(connection: duckdb.DuckDBPyConnection, subject: str) -> str:
    file, row = connection.execute(
        "SELECT f.source_file, s.source_row FROM staging.subjects AS s JOIN sources.files AS f USING (source_file_no) "
        "WHERE s.subject_id = ?",
        [subject],
    ).fetchone()
    return f"{file} row {row}"


def _amount(value: float | None, unit: str | None) -> str:
    if value is None:
        return "no amount charted"
    return f"{rounding.digits(value, 4)} {unit or ''}".rstrip()


def _charting(connection: duckdb.DuckDBPyConnection, subject: str, row: tuple) -> str:
    concept, value, unit, minute, kind, file, source_row = row
    moment = _at(connection, subject, minute)
    when = f"at {moment}" if kind == "reading" else f"from {moment}"
    return f"{INDENT * 3}{concept:<24}{_amount(value, unit):<20}{when:<24}{file} row {source_row}"


CHARTINGS = (
    "SELECT DISTINCT e.concept, e.value, e.unit, e.charted_minute, k.kind, e.source_file, e.source_row "
    "FROM grading.evidence AS e JOIN staging.concepts AS k USING (concept) "
    "WHERE e.system = ? AND e.subject_id = ? AND e.start_minute = ? AND {condition} "
    "ORDER BY e.concept, e.charted_minute, e.source_file, e.source_row"
)

IN_FORCE = "e.role = 'in force' AND e.criterion = ? AND e.charted_minute <= ? AND coalesce(e.in_force_end > ?, TRUE)"


def _criteria(
    connection: duckdb.DuckDBPyConnection, subject: str, system: str, start: int, minute: int, citation: str
) -> list[str]:
    """Each criterion met, highest first, with the chartings in force behind it at that minute."""
    met = connection.execute(
        "SELECT c.criterion, c.grade, c.words, c.place FROM grading.grades AS g "
        "JOIN rules.criteria AS c ON c.system = g.system AND list_contains(g.because, c.criterion) "
        "WHERE g.system = ? AND g.subject_id = ? AND g.start_minute = ? ORDER BY c.grade DESC, c.criterion_no",
        [system, subject, start],
    ).fetchall()
    lines = []
    for criterion, grade, words, place in met:
        lines.append(f"{INDENT}{criterion} (grade {grade})   {words}   {citation}, {place}")
        query = CHARTINGS.format(condition=IN_FORCE)
        rows = connection.execute(query, [system, subject, start, criterion, minute, minute]).fetchall()
        if not rows:
            # A short gap that is bridged: what ran before it.
            query = CHARTINGS.format(condition="e.role = 'in force' AND e.criterion = ? AND e.charted_minute <= ?")
            rows = connection.execute(query, [system, subject, start, criterion, minute]).fetchall()
        lines += [_charting(connection, subject, row) for row in _latest_readings(rows)]
    return lines


def _latest_readings(rows: list[tuple]) -> list[tuple]:
    """All therapies; of each vital only the reading in force, the last one charted."""
    last = {row[0]: row[3] for row in rows}
    return [row for row in rows if row[4] != "reading" or row[3] == last[row[0]]]


ROLES = {
    "fever within window": "the fever it belongs to",
    "waiver": "given after the first fever: fever is not required",
    "linked": "the support began under this, and counts until it stops",
}


def _links(connection: duckdb.DuckDBPyConnection, subject: str, system: str, start: int) -> list[str]:
    """Where no fever is in force: what stands in for it."""
    lines = []
    for role, words in ROLES.items():
        query = CHARTINGS.format(condition="e.role = ?")
        rows = connection.execute(query, [system, subject, start, role]).fetchall()
        if rows:
            lines.append(f"{INDENT}fever or its waiver   {words}")
            lines += [_charting(connection, subject, row) for row in rows]
    return lines


def _unlinked(connection: duckdb.DuckDBPyConnection, subject: str, system: str, start: int, end: int, grade: int) -> list[str]:
    """Support in force that does not count, because no fever and no waiver holds."""
    row = connection.execute(
        "SELECT count(*) FROM grading.verdicts AS v JOIN staging.subjects AS s USING (subject_no) "
        "JOIN timeline.support AS u ON u.subject_no = v.subject_no AND u.standing IN ('proven', 'presumed') "
        "AND u.start_minute < v.end_minute AND u.end_minute > v.start_minute "
        "JOIN rules.systems AS y ON y.system = v.system AND y.linking "
        "WHERE v.system = ? AND s.subject_id = ? AND v.start_minute >= ? AND v.end_minute <= ? AND NOT v.is_linked",
        [system, subject, start, end],
    ).fetchone()
    if row[0] and grade == 0:
        return [f"{INDENT}not counted   support is in force, but no fever, recent fever or waiver has linked it to an episode"]
    return []


def _support(connection: duckdb.DuckDBPyConnection, subject: str, minute: int, standing: str) -> list[tuple]:
    return connection.execute(
        "SELECT u.concept, u.amount, u.unit, u.charted_minute, 'therapy', f.source_file, u.source_row "
        "FROM timeline.support AS u JOIN staging.subjects AS s USING (subject_no) "
        "JOIN sources.files AS f ON f.source_file_no = u.source_file_no "
        "WHERE s.subject_id = ? AND u.standing = ? AND u.start_minute <= ? AND u.end_minute > ? "
        "ORDER BY u.concept, u.charted_minute, u.source_row",
        [subject, standing, minute, minute],
    ).fetchall()


def _presumed(connection: duckdb.DuckDBPyConnection, subject: str, minute: int) -> list[str]:
    rows = _support(connection, subject, minute, "presumed")
    if not rows:
        return []
    lines = [f"{INDENT}presumed   no end and no later charting: taken to run on as long as open_support_holds_h"]
    return lines + [_charting(connection, subject, row) for row in rows]


def _set_aside(connection: duckdb.DuckDBPyConnection, subject: str, minute: int) -> list[str]:
    lines = []
    for standing, words in (
        ("baseline", "not counted   in use before the infusion, and not raised above that"),
        ("unproven", "not counted   neither a rate nor an end was charted: proves nothing that lasts"),
    ):
        rows = _support(connection, subject, minute, standing)
        if rows:
            lines.append(f"{INDENT}{words}")
            lines += [_charting(connection, subject, row) for row in rows]
    return lines


def _unknown(
    connection: duckdb.DuckDBPyConnection, subject: str, system: str, minute: int, grade: int, ceiling: int
) -> list[str]:
    """What was not known at that minute, and which higher criteria could therefore count."""
    known = connection.execute(
        "SELECT v.temperature_known, v.pressure_known FROM grading.verdicts AS v "
        "JOIN staging.subjects AS s USING (subject_no) "
        "WHERE v.system = ? AND s.subject_id = ? AND v.start_minute <= ? AND v.end_minute > ?",
        [system, subject, minute, minute],
    ).fetchone()
    lines = []
    missing = [name for name, is_known in zip(("temperature", "systolic pressure"), known, strict=True) if not is_known]
    if missing:
        lines.append(f"{INDENT}not known   no {' and no '.join(missing)} in force")
    possible = connection.execute(
        "SELECT c.criterion, c.grade FROM grading.situated AS g "
        "JOIN staging.subjects AS s USING (subject_no) "
        "JOIN grading.findings AS f ON f.situation = g.situation AND f.system = ? "
        "JOIN rules.criteria AS c ON c.system = f.system AND c.criterion_no = f.criterion_no "
        "WHERE s.subject_id = ? AND g.start_minute <= ? AND g.end_minute > ? AND c.grade > ? AND c.grade <= ? "
        "ORDER BY c.criterion_no",
        [system, subject, minute, minute, grade, ceiling],
    ).fetchall()
    if possible:
        named = ", ".join(f"{criterion} (grade {one})" for criterion, one in possible)
        lines.append(f"{INDENT}cannot be ruled out   {named}")
    return lines
