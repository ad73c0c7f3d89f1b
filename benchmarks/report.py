"""The results as Markdown: for the terminal, and for the README."""

import os
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil

from benchmarks.cases import MEMORY, PEAK, TABLES, WALL, Table
from benchmarks.contestants import CONTESTANTS
from benchmarks.results import CPU, Sample, Spread, Verdict, measured, ratio

BEGIN, END = "<!-- results: written by `make bench ARGS=--write` -->", "<!-- end of results -->"


def sections(
    samples: Sequence[Sample], verdicts: Sequence[Verdict], tables: Sequence[Table], told: str
) -> dict[str, str]:
    """Write a section for each table: how it was measured, the results, the bars, and what did not end.

    Args:
        told: when, where and with what it was measured.
    """
    return {
        table.size: "\n\n".join(
            [
                f"### {table}",
                told,
                _results(samples, table),
                *_bars([verdict for verdict in verdicts if verdict.bar.size == table.size]),
                *_left([sample for sample in samples if sample.size == table.size]),
            ]
        )
        for table in tables
    }


def _results(samples: Sequence[Sample], table: Table) -> str:
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
                        *(
                            _spread(ratio(samples, table.size, case, name, measure), 2)
                            for measure in (WALL, CPU, MEMORY)
                        ),
                        _spread(Spread.of([one.wall for one in found]), 1),
                        _spread(Spread.of([one.cpu for one in found]), 1),
                        _spread(Spread.of([one.memory for one in found]), 0),
                    ]
                )
    header = ["case", "who", "time / P1", "CPU / P1", "memory / P1", "time, s", "CPU, s", "peak memory, MB"]
    return markdown(header, rows)


def _bars(verdicts: Sequence[Verdict]) -> list[str]:
    rows = [
        [
            verdict.bar.case,
            verdict.bar.measure,
            "" if verdict.bar.measure == PEAK else verdict.bar.against,
            _spread(verdict.ratio, _digits(verdict)) if verdict.ratio else "not measured",
            f"<= {verdict.bar.limit:,.{_digits(verdict)}f}",
            "met" if verdict.met else "MISSED",
        ]
        for verdict in verdicts
    ]
    header = ["case", "the project's", "against", "is", "bar", "verdict"]
    return [f"#### The bars\n\n{markdown(header, rows)}"] if rows else []


def _digits(verdict: Verdict) -> int:
    return 0 if verdict.bar.measure == PEAK else 2


def _left(samples: Sequence[Sample]) -> list[str]:
    rows = [
        [sample.case, sample.contestant, str(sample.round), f"`{command}`"]
        for sample in samples
        for command in sample.measured.left
    ]
    table = markdown(["case", "who", "round", "command"], rows)
    return [f"#### Did not end with their command, and were stopped\n\n{table}"] if rows else []


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


def write(readme: Path, sections: Mapping[str, str]) -> None:
    """Put sections into the README, in the order of the tables; those of other tables stay as they are."""
    content = readme.read_text(encoding="utf-8")
    before, rest = content.split(BEGIN)
    old, after = rest.split(END)
    kept = {
        text.split(":")[0]: f"### {text.strip()}" for text in re.split(r"^### ", old, flags=re.MULTILINE)[1:]
    }
    results = {**kept, **sections}
    texts = [results[size] for size in TABLES if size in results]
    readme.write_text("\n\n".join([f"{before}{BEGIN}", *texts, f"{END}{after}"]), encoding="utf-8")


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
