"""The results as Markdown: for the terminal, and for the README."""

import os
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil

from benchmarks.cases import MEMORY, PEAK, Table
from benchmarks.results import Sample, Spread, Verdict, measured, ratio

CONTESTANTS = ("read", "floor", "P1", "project")
BEGIN, END = "<!-- results: written by `make bench ARGS=--write` -->", "<!-- end of results -->"


def report(samples: Sequence[Sample], verdicts: Sequence[Verdict], tables: Sequence[Table]) -> str:
    """Write a section for each table, one for the bars, and one for processes that did not end."""
    sections = [_section(samples, table) for table in tables]
    return "\n\n".join([*sections, _bars(verdicts), *_left(samples)])


def _section(samples: Sequence[Sample], table: Table) -> str:
    rows = []
    cases = dict.fromkeys(sample.case for sample in samples if sample.size == table.size)
    for case in cases:
        for name in CONTESTANTS:
            found = measured(samples, table.size, case, name)
            if found:
                rows.append(
                    [
                        case,
                        name,
                        _spread(ratio(samples, table.size, case, name), 2),
                        _spread(Spread.of([one.wall for one in found]), 1),
                        _spread(Spread.of([one.cpu for one in found]), 1),
                        _spread(Spread.of([one.memory for one in found]), 0),
                        _spread(ratio(samples, table.size, case, name, MEMORY), 2),
                    ]
                )
    header = ["case", "who", "time / P1", "time, s", "CPU, s", "peak memory, MB", "memory / P1"]
    return f"### {table}\n\n{markdown(header, rows)}"


def _bars(verdicts: Sequence[Verdict]) -> str:
    rows = [
        [
            verdict.bar.size,
            verdict.bar.case,
            verdict.bar.measure,
            _spread(verdict.ratio, _digits(verdict)) if verdict.ratio else "not measured",
            f"<= {verdict.bar.limit:,.{_digits(verdict)}f}",
            "met" if verdict.met else "MISSED",
        ]
        for verdict in verdicts
    ]
    return f"### The bars\n\n{markdown(['table', 'case', 'project / P1', 'is', 'bar', 'verdict'], rows)}"


def _digits(verdict: Verdict) -> int:
    return 0 if verdict.bar.measure == PEAK else 2


def _left(samples: Sequence[Sample]) -> list[str]:
    rows = [
        [sample.size, sample.case, sample.contestant, str(sample.round), f"`{command}`"]
        for sample in samples
        for command in sample.measured.left
    ]
    table = markdown(["table", "case", "who", "round", "command"], rows)
    return [f"### Did not end with their command, and were stopped\n\n{table}"] if rows else []


def machine(versions: Mapping[str, str], rounds: int, threads: int, load: float) -> str:
    """Say when, where and with what it was measured."""
    libraries = ", ".join(f"{name} {version}" for name, version in versions.items())
    memory = psutil.virtual_memory().total / 1e9
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {rounds} round{'s' if rounds > 1 else ''}, "
        f"{os.cpu_count()} processors ({_processor()}), {memory:.0f} GB, {platform.system()} "
        f"{platform.release()}, {threads} thread{'s' if threads > 1 else ''} for numerical libraries, "
        f"load average {load:.1f} before the first round.\n\n{libraries}."
    )


def write(readme: Path, text: str) -> None:
    """Put the results into their place in the README."""
    content = readme.read_text(encoding="utf-8")
    place = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    readme.write_text(place.sub(lambda _: f"{BEGIN}\n\n{text}\n\n{END}", content), encoding="utf-8")


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")


def _spread(spread: Spread | None, digits: int) -> str:
    """Write the median, and the range where there is one."""
    if spread is None:
        return ""
    median, least, greatest = (f"{v:,.{digits}f}" for v in (spread.median, spread.least, spread.greatest))
    return median if least == greatest else f"{median} ({least} to {greatest})"


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a table so that it also reads well as plain text."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join(
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |"
        for line in lines
    )
