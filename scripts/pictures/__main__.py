"""Make all pictures: `python -m scripts.pictures [FOLDER]`.

The tour (tour.py) is made in FOLDER, and reused from there the next time; without FOLDER, it is made in a
folder that is deleted afterwards. There is a picture for light and one for dark screens of everything.
"""

import io
import json
import sys
import tempfile
from pathlib import Path

from PIL import Image

from scripts import demo
from scripts.pictures import browser, diagram
from scripts.pictures.tour import Tour

PICTURES = demo.TEMPLATE / "docs" / "pictures"
PROJECT = demo.TEMPLATE / "{{cookiecutter.project_slug}}" / "docs"
THEMES = ("light", "dark")
SCALE = 1.5
METRICS = (200, 0, 596, 520)  # left, top, width and height of the metrics on a run's page
COLOURS = 256
COLUMNS = ["params.`model.type`", "metrics.`f1_macro`", "metrics.`accuracy`", "metrics.`log_loss`"]
# MLflow's pages as a regular user has them: the assistant is closed, and the interesting columns are selected
SETTINGS = """
if (location.protocol.startsWith('http')) {
  localStorage.clear();
  localStorage.setItem('mlflow.assistant.fab.autoOpenedOnFirstLoad_v1', 'true');
  localStorage.setItem('mlflow.assistant.panelOpen_v1', 'false');
  localStorage.setItem('MLflowLocalStorage-1.1-ExperimentPage-["%s"]-ReactComponentState', %s);
  const style = '<style>button:has(.assistant-fab-label) { display: none !important }</style>';
  addEventListener('DOMContentLoaded', () => document.head.insertAdjacentHTML('beforeend', style));
}
"""


def main(arguments: list[str]) -> None:
    if len(arguments) > 1:
        raise SystemExit("pictures: at most one folder")
    for theme in THEMES:
        drawn = diagram.pipeline(diagram.ANY, theme == "dark")
        (PROJECT / f"pipeline-{theme}.svg").write_text(drawn, encoding="utf-8", newline="\n")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        tour = Tour(Path(arguments[0]).resolve() if arguments else Path(scratch))
        tour.make()
        PICTURES.mkdir(exist_ok=True)
        with tour.served() as runs, browser.opened() as page:
            for theme in THEMES:
                demo.say(f"Taking the pictures for a {theme} screen")
                take(tour, runs, page, theme)


def take(tour: Tour, runs: str, page: browser.Page, theme: str) -> None:
    """Take all pictures for a light or a dark screen."""
    dark = theme == "dark"
    experiment = runs.split("/experiments/")[1].split("/")[0]
    state = json.dumps(json.dumps({"selectedColumns": COLUMNS}))
    page.call("Page.addScriptToEvaluateOnNewDocument", source=SETTINGS % (experiment, state))
    run = tour.read("evaluation.json")["run_id"]
    server = runs.split("#")[0]
    training = "?workflowType=machine_learning"
    shots = {  # by name: the address, the size of the window, and a text that shows that the page is ready
        "validation": ((tour.pages / "validation.html").as_uri(), (1000, 760), "expectations hold"),
        "bad-data": ((tour.pages / "validation-failed.html").as_uri(), (1000, 560), "body_mass_g"),
        "report": ((tour.pages / "report.html").as_uri(), (1000, 860), "gates passed"),
        "runs": (runs, (1240, 460), "matching runs"),
        "run": (f"{server}#/experiments/{experiment}/runs/{run}{training}", (1300, 760), "About this run"),
        "version": (f"{server}#/models/penguins/versions/1{training}", (1000, 700), "champion"),
    }
    for name, (address, size, text) in shots.items():
        page.show(address, size, dark=dark, ready=contains(text), scale=SCALE)
        save(f"{name}-{theme}", page.picture())
        if name == "run":
            metrics = page.picture(clip=METRICS)
    page.show(shots["report"][0], METRICS[2:], dark=dark, ready=contains("gates passed"), scale=SCALE)
    drawn = diagram.pipeline(diagram.done(tour), dark)
    overview = tour.pages / "overview.html"
    overview.write_text(diagram.overview(drawn, metrics, page.picture(), dark), encoding="utf-8")
    page.show(overview.as_uri(), diagram.OVERVIEW, dark=dark, ready="true", scale=SCALE)
    height = page.evaluate("document.documentElement.getBoundingClientRect().height")
    save(f"overview-{theme}", page.picture(clip=(0, 0, diagram.OVERVIEW[0], height)))


def contains(text: str) -> str:
    return f"document.body.innerText.includes({json.dumps(text)})"


def save(name: str, picture: bytes) -> None:
    """Write a picture with few colours, which halves its size and does not change how it looks."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    few = image.quantize(COLOURS, kmeans=1, dither=Image.Dither.NONE)
    path = PICTURES / f"{name}.png"
    few.save(path, optimize=True)
    demo.say(f"  {path.name}  {path.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main(sys.argv[1:])
