"""What was measured of the servers, as tables, and which bars are met."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.report import markdown
from benchmarks.serving.running import Taken

BEGIN = "<!-- serving: written by `make bench-serve ARGS=--write` -->"
END = "<!-- end of serving -->"
OURS, THEIRS = "project", "mlflow"
ONE = "1 row"


@dataclass
class Results:
    """What was measured; one number a round.

    Attributes:
        taken: by case and server.
        seconds: until a server is ready, by server.
        memory: in MB after all cases of the example, by server.
        limits: milliseconds of a call, by case and what is called.
    """

    taken: dict[tuple[str, str], list[Taken]] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    memory: dict[str, list[float]] = field(default_factory=dict)
    limits: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def ratio(self, case: str, one: str, other: str) -> float:
        """Return the median over the rounds of how many times as many requests one answers as another."""
        pairs = zip(self.taken[case, one], self.taken[case, other], strict=True)
        return median(a.rate / b.rate for a, b in pairs)


def tables(results: Results) -> str:
    """Write all tables."""
    parts = [_requests(results), _limits(results), _processes(results), _bars(verdicts(results))]
    return "\n\n".join(parts)


def _requests(results: Results) -> str:
    rows = []
    for (case, name), taken in results.taken.items():
        numbers = [
            median(getattr(one, measure) for one in taken) for measure in ("rate", "p50", "p99", "cpu")
        ]
        ratio = results.ratio(case, name, THEIRS)
        rows.append([case, name, f"{ratio:.2f}", *(f"{number:,.1f}" for number in numbers)])
    return markdown(["case", "who", "/ mlflow", "requests/s", "p50, ms", "p99, ms", "CPU, ms"], rows)


def _limits(results: Results) -> str:
    rows = []
    for (case, what), values in results.limits.items():
        ours = median(one.p50 for one in results.taken[case, OURS])
        rows.append([case, what, f"{median(values):,.1f}", f"{ours / median(values):.2f}"])
    return markdown(["case", "what alone", "ms", "project's p50 / this"], rows)


def _processes(results: Results) -> str:
    rows = [
        [name, f"{median(results.seconds[name]):.1f}", f"{median(results.memory[name]):,.0f}"]
        for name in results.seconds
    ]
    return markdown(["who", "ready after, s", "memory, MB"], rows)


def verdicts(results: Results) -> list[tuple[str, str, str, bool]]:
    """Judge: what, what it is, the bar, and whether it is met."""
    one, other = results.taken[ONE, OURS], results.taken[ONE, THEIRS]
    ratio = results.ratio(ONE, OURS, THEIRS)
    slow = median(a.p99 / b.p50 for a, b in zip(one, other, strict=True))
    memory = median(a / b for a, b in zip(results.memory[OURS], results.memory[THEIRS], strict=True))
    judged = [
        (f"requests/s, {ONE}, / mlflow", f"{ratio:.2f}", ">= 2.00", ratio >= 2),
        (f"p99, {ONE}, / mlflow's p50", f"{slow:.2f}", "<= 1.00", slow <= 1),
        ("memory / mlflow", f"{memory:.2f}", "<= 1.00", memory <= 1),
    ]
    for case, name in results.taken:
        if name not in (OURS, THEIRS):
            ahead = results.ratio(case, OURS, name)
            judged.append((f"requests/s, {case}, / {name}", f"{ahead:.2f}", "> 1.00", ahead > 1))
    return judged


def _bars(judged: Sequence[tuple[str, str, str, bool]]) -> str:
    rows = [[what, is_, bar, "met" if met else "MISSED"] for what, is_, bar, met in judged]
    return markdown(["project's", "is", "bar", "verdict"], rows)


def write(readme: Path, text: str) -> None:
    """Put the tables into the README."""
    before, rest = readme.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    readme.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
