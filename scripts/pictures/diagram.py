"""Drawings with the results of a tour: the pipeline, and the overview of the README."""

import base64
from html import escape

from scripts.pictures.tour import Tour

OVERVIEW = (1200, 700)  # the window's size; the picture is as high as the page
LIGHT = {"page": "#ffffff", "text": "#1c2128", "dim": "#57636f", "line": "#c3ccd6", "soft": "#f4f6f8"}
LIGHT |= {"dvc": "#0b6e75", "mlflow": "#0b57d0", "good": "#1a7f37"}
DARK = {"page": "#0d1117", "text": "#e4e8ed", "dim": "#9fb0c0", "line": "#3d4752", "soft": "#1b222b"}
DARK |= {"dvc": "#4fc3cc", "mlflow": "#8ab8ff", "good": "#4cc26b"}

# the left edge and the width of each box
BOXES = {"data": (0, 124), "validate": (146, 138), "train": (306, 168), "evaluate": (496, 144)}
BOXES |= {"register": (662, 148), "promote": (836, 136), "serve": (998, 162)}
GAPS = ((124, 146), (284, 306), (474, 496), (640, 662), (810, 836), (972, 998))
STAGES = ("validate", "train", "evaluate", "register")
# two lines for each box, which suit any project
ANY = {
    "data": ("your table,", "tracked by DVC"),
    "validate": ("the expectations", "hold, or it stops"),
    "train": ("fits a model", "on the training rows"),
    "evaluate": ("metrics, plots", "on the test rows"),
    "register": ("through the gates:", "a new version"),
    "promote": ("the @challenger", "is @champion"),
    "serve": ("@champion answers", "over HTTP"),
}


def done(tour: Tour) -> dict[str, tuple[str, str]]:
    """Return two lines for each box, with the results of a tour."""
    validation, metrics = tour.read("validation.json"), tour.read("metrics.json")
    registration, model = tour.read("registration.json"), tour.read("run.json")["params"]["model"]["type"]
    gates = registration["gates"]
    passed = sum(gate["passed"] for gate in gates)
    return ANY | {
        "data": ("penguins.csv,", f"{validation['rows']} rows"),
        "validate": (f"{validation['passed']} of {validation['expectations']}", "expectations hold"),
        "train": (model, "on the training rows"),
        "evaluate": (f"f1_macro {metrics['f1_macro']:.4f}", "on the test rows"),
        "register": (f"{passed} of {len(gates)} gates passed", f"version {registration['version']}"),
    }


def pipeline(lines: dict[str, tuple[str, str]], dark: bool) -> str:
    """Return the pipeline as SVG, 1160 by 210, with these lines in its boxes."""
    colours = DARK if dark else LIGHT
    mlflow, dvc = colours["mlflow"], colours["dvc"]
    drawn = [
        *(box(*place, name, lines[name], colours, name in STAGES) for name, place in BOXES.items()),
        *(arrow(left, right, colours) for left, right in GAPS),
        bracket(146, 284, 128, "MLflow: a run", mlflow),
        bracket(306, 640, 128, "MLflow: one run: parameters, metrics, model", mlflow),
        bracket(662, 1160, 128, "MLflow: versions, aliases, history", mlflow),
        bracket(0, 810, 172, "DVC: runs what has changed; the md5 of data, code, parameters, model", dvc),
    ]
    style = "font-family: system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 1164 212" role="img" style="{style}">\n'
        "<title>The pipeline: data, validate, train, evaluate, register, promote, serve</title>\n"
        + "\n".join(drawn)
        + "\n</svg>\n"
    )


def box(
    left: int, width: int, title: str, lines: tuple[str, str], colours: dict[str, str], stage: bool
) -> str:
    """Return a box with a title and lines; it is dashed if it is not a stage."""
    middle = left + width / 2
    look = f'fill="{colours["soft"]}" stroke="{colours["line"]}" stroke-width="1.5"'
    dashes = "" if stage else ' stroke-dasharray="5 4"'
    return "\n".join(
        [
            f'<rect x="{left}" y="0" width="{width}" height="98" rx="9" {look}{dashes}/>',
            text(middle, 32, 18, title, colours["text"]),
            *(text(middle, 57 + 20 * row, 14, line, colours["dim"]) for row, line in enumerate(lines)),
        ]
    )


def arrow(left: int, right: int, colours: dict[str, str]) -> str:
    end = right - 4
    return path(f"M{left + 3} 49H{end}M{end - 7} 43l7 6l-7 6", colours["dim"])


def bracket(left: int, right: int, top: int, words: str, colour: str) -> str:
    """Return a bracket under the boxes of the same record, with the record's name."""
    return path(f"M{left} {top - 8}v8H{right}v-8", colour) + text(
        (left + right) / 2, top + 21, 15, words, colour
    )


def text(x: float, y: int, size: int, words: str, colour: str) -> str:
    weight = ' font-weight="600"' if size > 16 else ""
    place = f'x="{x:g}" y="{y}" font-size="{size}" text-anchor="middle"'
    return f'<text {place}{weight} fill="{colour}">{escape(words)}</text>'


def path(steps: str, colour: str) -> str:
    return f'<path d="{steps}" fill="none" stroke="{colour}" stroke-width="2"/>'


def overview(drawn: str, run: bytes, report: bytes, dark: bool) -> str:
    """Return a page with the pipeline at the top, and pictures of its run and its report below."""
    colours = DARK if dark else LIGHT
    cards = "".join(
        f'<figure><figcaption>{title}</figcaption><img src="data:image/png;base64,{source}"></figure>'
        for title, source in (
            ("the run, in MLflow", encoded(run)),
            ("the report on a change", encoded(report)),
        )
    )
    return f"""<!doctype html><meta charset="utf-8"><style>
      body {{ margin: 0; padding: 18px 20px; background: {colours["page"]}; color: {colours["dim"]};
        font: 16px system-ui, sans-serif }}
      main {{ display: grid; grid-template-columns: 1fr 1fr; gap: 20px; margin-top: 14px }}
      figure {{ margin: 0 }} figcaption {{ margin-bottom: 6px; text-align: center }}
      img {{ width: 100%; border: 1.5px solid {colours["line"]}; border-radius: 9px; display: block }}
    </style>{drawn}<main>{cards}</main>"""


def encoded(picture: bytes) -> str:
    return base64.b64encode(picture).decode()
