"""Grading systems: TOML files, checked on reading and compiled to SQL.

A criterion's `when` is a SQL boolean over the words of `words.csv`. SQL's three-valued logic carries the unknown:
TRUE is met, FALSE is not, NULL could be met. A word for support has two columns, `word` (proven at least) and
`word_at_most` (possible at most), and a comparison of it is compiled to TRUE where the first meets it, NULL where only
the second does.
"""

import csv
import difflib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp

from pipeline.errors import SystemFileError, UsageError
from pipeline.model import Model

FOLDER = Path(__file__).parent / "systems"
WORDS_FILE = Path(__file__).parent / "words.csv"

ALLOWED = (
    exp.And, exp.Or, exp.Not, exp.Paren, exp.Literal, exp.Column, exp.Identifier, exp.Boolean, exp.Neg,
    exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Mul, exp.Add, exp.Sub, exp.Div,
)  # fmt: skip
"""What may stand in a `when`: comparisons and their combination. IS NULL, coalesce, CASE and subqueries may not:
they would make the unknown look known."""

COMPARISONS = (exp.GT, exp.GTE, exp.LT, exp.LTE)


@dataclass(frozen=True)
class Word:
    """One word of the state: what a criterion may speak of. `kind` is reading, support or subject."""

    name: str
    kind: str
    concepts: tuple[str, ...]
    meaning: str

    @property
    def is_bounded(self) -> bool:
        return self.kind == "support"


@dataclass(frozen=True)
class Criterion:
    """One criterion: 'at least this grade', in plain words, with its place in the paper and its SQL."""

    number: int
    id: str
    grade: int
    words: str
    place: str
    when: str
    sql: str
    uses: tuple[str, ...]
    needs_link: bool
    is_fever: bool
    is_computable: bool
    is_misprint: bool


@dataclass(frozen=True)
class System:
    """One grading system, as its file declares it."""

    id: str
    name: str
    citation: str
    short_citation: str
    doi: str
    read_from: str
    fever: str
    linking: bool
    misprint: str
    criteria: tuple[Criterion, ...]
    examples: tuple[dict, ...] = field(default=(), compare=False)
    path: Path | None = field(default=None, compare=False)


def words() -> dict[str, Word]:
    """The words of the state, by name, in the order of words.csv."""
    with WORDS_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["word"]: Word(row["word"], row["kind"], tuple(row["concepts"].split()), row["meaning"]) for row in rows}


def compile_when(when: str, place: str) -> tuple[str, tuple[str, ...]]:
    """The SQL of a `when`, and the words it uses. Raises SystemFileError in one sentence where it is not allowed."""
    known = words()
    try:
        tree = sqlglot.parse_one(when, dialect="duckdb")
    except sqlglot.errors.ParseError as fault:
        raise SystemFileError(f"{place}: {when!r} is not a SQL condition; compare words with numbers.") from fault
    if not isinstance(tree.unnest(), (*COMPARISONS, exp.And, exp.Or, exp.Not)):
        raise SystemFileError(f"{place}: {when!r} is not true or false; compare words with numbers.")
    for node in tree.walk():
        if isinstance(node, exp.Anonymous) and node.name.lower() == "getvariable":
            continue
        if not isinstance(node, ALLOWED):
            raise SystemFileError(
                f"{place}: {node.sql(dialect='duckdb')!r} may not stand in a criterion; "
                "only comparisons joined by AND, OR and NOT may, so that the unknown stays unknown."
            )
    for column in tree.find_all(exp.Column):
        if column.name not in known:
            near = difflib.get_close_matches(column.name, known, n=1, cutoff=0)
            raise SystemFileError(f"{place}: {column.name!r} is not a word of the state; the nearest is {near[0]!r}.")
    used = tuple(dict.fromkeys(column.name for column in tree.find_all(exp.Column)))
    return tree.transform(lambda node: _bounded(node, known, place)).sql(dialect="duckdb"), used


def _bounded(node: exp.Expression, known: dict[str, Word], place: str) -> exp.Expression:
    """Compile `word >= x` over a word of support to: TRUE where proven, NULL where only possible, else FALSE."""
    if not isinstance(node, COMPARISONS):
        return node
    bounded = [c for c in node.find_all(exp.Column) if known[c.name].is_bounded]
    if not bounded:
        return node
    if not (isinstance(node, (exp.GT, exp.GTE)) and node.this in bounded and len(bounded) == 1):
        raise SystemFileError(
            f"{place}: {node.sql(dialect='duckdb')!r}: write a word of support on the left, as `word >= number`, "
            "so that the criterion means 'at least'."
        )
    possible = node.copy()
    possible.this.this.set("this", f"{bounded[0].name}_at_most")
    return exp.paren(exp.or_(node.copy(), exp.func("nullif", possible, exp.true())))


def read_system(path: Path) -> System:
    """Read and check one system file. Raises SystemFileError in one sentence."""
    try:
        declared = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SystemFileError(f"{path.name}: the file is not TOML ({fault}); correct that line.") from fault
    for key in ("name", "citation", "fever", "linking", "criteria", "examples"):
        if key not in declared:
            raise SystemFileError(f"{path.name}: {key!r} is missing; every system declares it.")
    linking = declared["linking"]
    criteria = tuple(
        _read_criterion(number, entry, linking, declared["fever"], path.name)
        for number, entry in enumerate(declared["criteria"], start=1)
    )
    if not any(criterion.is_fever for criterion in criteria):
        raise SystemFileError(f"{path.name}: no criterion has the `when` of `fever`; an episode could never open.")
    repeated = [c.id for c in criteria if sum(c.id == other.id for other in criteria) > 1]
    if repeated:
        raise SystemFileError(f"{path.name}: the criterion id {repeated[0]!r} stands twice; give each its own.")
    return System(
        id=path.stem,
        name=declared["name"],
        citation=declared["citation"],
        short_citation=declared.get("short_citation", declared["name"]),
        doi=declared.get("doi", ""),
        read_from=declared.get("read_from", ""),
        fever=declared["fever"],
        linking=linking,
        misprint=declared.get("misprint", ""),
        criteria=criteria,
        examples=tuple(declared["examples"]),
        path=path,
    )


def _read_criterion(number: int, entry: dict, linking: bool, fever: str, file: str) -> Criterion:
    place = f"{file}, criterion {entry.get('id', number)}"
    for key in ("id", "grade", "words", "place", "when"):
        if key not in entry:
            raise SystemFileError(f"{place}: {key!r} is missing; every criterion declares it.")
    if entry["grade"] not in (1, 2, 3, 4):
        raise SystemFileError(f"{place}: grade {entry['grade']!r} is not 1 to 4; death is graded by adjudication only.")
    sql, used = compile_when(entry["when"], place)
    computable = entry.get("computable", True)
    return Criterion(
        number=number,
        id=entry["id"],
        grade=entry["grade"],
        words=entry["words"],
        place=entry["place"],
        when=entry["when"],
        # What no data can decide is never met, and lifts the ceiling where the state is compatible with it.
        sql=sql if computable else f"NULLIF({sql}, TRUE)",
        uses=used,
        needs_link=linking and entry.get("needs_link", True),
        is_fever=entry["when"] == fever,
        is_computable=computable,
        is_misprint=entry.get("misprint", False),
    )


def read_systems(folder: Path = FOLDER) -> dict[str, System]:
    """Every system of the folder, by id: the folder is the registry."""
    systems = {path.stem: read_system(path) for path in sorted(folder.glob("*.toml"))}
    fevers = {system.fever for system in systems.values()}
    if len(fevers) > 1:
        raise SystemFileError(
            f"the systems define fever differently ({'; '.join(sorted(fevers))}); "
            "one build needs one fever, keep the others in a folder of their own."
        )
    return systems


def chosen(systems: dict[str, System], ids: Iterable[str] | None) -> dict[str, System]:
    """The systems of these ids (all where none are named). Raises UsageError for an unknown one."""
    if ids is None:
        return systems
    for one in ids:
        if one not in systems:
            near = difflib.get_close_matches(one, systems, n=2, cutoff=0.3)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(systems)}."
            raise UsageError(f"--systems: there is no grading system named {one!r}; {hint}")
    return {one: systems[one] for one in dict.fromkeys(ids)}


def findings_select(systems: Iterable[System], situations: str = "grading.situations") -> str:
    """All systems compiled to one SELECT: one row per system, criterion and situation in which it is met or may be."""
    branches = [
        f"    -- {system.id}, grade {criterion.grade}, {criterion.id}: {criterion.words}\n"
        f"    SELECT '{system.id}' AS system, {criterion.number} AS criterion_no, situation,\n"
        f"           {criterion.sql} AS met\n"
        f"    FROM {situations}"
        for system in systems
        for criterion in system.criteria
    ]
    return (
        "WITH judged AS (\n" + "\n    UNION ALL\n".join(branches) + "\n)\n\n"
        "-- TRUE is met, NULL could be met; what is FALSE is dropped.\n"
        "SELECT system, criterion_no, situation, met\nFROM judged\nWHERE met IS NOT FALSE\n"
        "ORDER BY system, criterion_no, situation"
    )


def findings_model(systems: Iterable[System]) -> Model:
    """The model `grading.findings`, compiled from the system files."""
    return Model(
        room="grading",
        name="findings",
        sentence="One row per system, criterion and situation in which the criterion is met or could be met.",
        key=("system", "criterion_no", "situation"),
        select=findings_select(systems),
    )


def comparisons(systems: Iterable[System], word: str) -> tuple[str, ...]:
    """Every comparison that a rule makes of a reading, from the rules' own syntax trees, each once, sorted."""
    found = {
        node.sql(dialect="duckdb")
        for system in systems
        for condition in (system.fever, *(criterion.when for criterion in system.criteria))
        for node in sqlglot.parse_one(condition, dialect="duckdb").find_all(*COMPARISONS)
        if word in {column.name for column in node.find_all(exp.Column)}
    }
    return tuple(sorted(found))


def macros(systems: Iterable[System]) -> list[str]:
    """The words that the timeline takes from the rules: what a fever is, and which band of the rules a reading is in."""
    systems = list(systems)
    fever = systems[0].fever
    return [
        f"CREATE OR REPLACE MACRO is_fever(temperature) AS ({fever})",
        f"CREATE OR REPLACE MACRO temperature_band(temperature) AS {_band(comparisons(systems, 'temperature'))}",
        "CREATE OR REPLACE MACRO systolic_bp_band(systolic_bp, systolic_bp_limit) AS "
        f"{_band(comparisons(systems, 'systolic_bp'))}",
    ]


def _band(conditions: tuple[str, ...]) -> str:
    """A number that is the same for two readings exactly if every comparison has the same answer; at least 1."""
    return " + ".join(["1", *(f"{2**power} * ({condition})::INTEGER" for power, condition in enumerate(conditions))])


def check_examples(system: System) -> None:
    """Run the worked examples of a system through its own SQL. Raises SystemFileError for the first that is wrong."""
    from pipeline.grading.examples import judge

    reached: set[str] = set()
    verdicts = judge(system, [example.get("state", {}) for example in system.examples])
    for number, (example, judged) in enumerate(zip(system.examples, verdicts, strict=True), start=1):
        place = f"{system.id}.toml, example {number}"
        for part in ("grade", "ceiling", "because"):
            if part in example and judged[part] != example[part]:
                raise SystemFileError(f"{place}: {part} is {judged[part]!r}, the example says {example[part]!r}.")
        reached.update(judged["because"])
    missed = [c.id for c in system.criteria if c.is_computable and c.id not in reached]
    if missed:
        raise SystemFileError(f"{system.id}.toml: no example reaches the criterion {missed[0]!r}; add one that does.")


def register(connection: duckdb.DuckDBPyConnection, systems: Iterable[System]) -> None:
    """Write the rules as tables of the schema `rules`, so that every result leads to the words of the paper."""
    systems = list(systems)
    known = words()
    connection.execute("CREATE SCHEMA IF NOT EXISTS rules")
    connection.execute(
        "CREATE OR REPLACE TABLE rules.systems (system VARCHAR, name VARCHAR, citation VARCHAR, short_citation VARCHAR, "
        "doi VARCHAR, read_from VARCHAR, fever VARCHAR, linking BOOLEAN, misprint VARCHAR)"
    )
    connection.execute(
        "CREATE OR REPLACE TABLE rules.criteria (system VARCHAR, criterion_no INTEGER, criterion VARCHAR, grade TINYINT, "
        "words VARCHAR, place VARCHAR, condition VARCHAR, sql VARCHAR, needs_link BOOLEAN, is_fever BOOLEAN, "
        "is_reading BOOLEAN, is_computable BOOLEAN, is_misprint BOOLEAN)"
    )
    connection.execute(
        "CREATE OR REPLACE TABLE rules.criterion_concepts (system VARCHAR, criterion VARCHAR, word VARCHAR, concept VARCHAR)"
    )
    for system in systems:
        connection.execute(
            "INSERT INTO rules.systems VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [system.id, system.name, system.citation, system.short_citation, system.doi, system.read_from,
             system.fever, system.linking, system.misprint],
        )  # fmt: skip
        for criterion in system.criteria:
            kinds = {known[word].kind for word in criterion.uses}
            connection.execute(
                "INSERT INTO rules.criteria VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [system.id, criterion.number, criterion.id, criterion.grade, criterion.words, criterion.place,
                 criterion.when, criterion.sql, criterion.needs_link, criterion.is_fever,
                 "support" not in kinds, criterion.is_computable, criterion.is_misprint],
            )  # fmt: skip
            pairs = [(word, concept) for word in criterion.uses for concept in known[word].concepts]
            for word, concept in pairs:
                connection.execute(
                    "INSERT INTO rules.criterion_concepts VALUES (?, ?, ?, ?)", [system.id, criterion.id, word, concept]
                )
