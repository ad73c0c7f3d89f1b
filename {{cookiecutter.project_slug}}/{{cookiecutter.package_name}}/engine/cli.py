"""The command line: `python -m PACKAGE train` runs a stage, `python -m PACKAGE promote` a command.

It imports nothing at first, so that Ctrl-C is one line from the beginning; `dispatch` does the rest.
"""

import sys

# Only the command that is run is imported: each imports libraries of its own.
COMMANDS = {
    "access": "show what this account may do on the tracking server, or set who may do what",
    "adopt": "use your own table in place of the project's",
    "apply": "apply an experiment to the workspace and reproduce it",
    "archive": "mark a version as no longer used",
    "audit": "show who uses how much of the tracking store, and what is outdated",
    "backup": "copy the tracking store, its database and its artifacts, into a folder of backups",
    "canary": "give a version a share of the traffic, watch it, and take it out if it is worse",
    "check": "check that dvc.lock matches the code, and that data and the champion's run are available",
    "cleanup": "show or delete the runs and models that nothing needs any more",
    "comment": "post a page as a comment on the pull or merge request of a CI job",
    "compare": "compare runs by quality and latency, to choose a model",
    "doctor": "check what the project needs, or each file in DVC's remote",
    "drift": "compare new data with the data that a model was trained on",
    "feedback": "score a server's answers against targets that became known later",
    "find": "name the MLflow run of an experiment, or the experiment of a run",
    "gate": "put the evaluated model through the gates",
    "history": "list every change of @champion and @challenger",
    "image": "write the folder that a container image of a version is built from",
    "launch": "run the pipeline, a stage or a command for `mlflow run`: MLproject calls it",
    "load-test": "send a server requests for some seconds, as users would, and judge it by the SLO",
    "merge": "finish a git merge that stopped at conflicts in results",
    "models": "list the versions of the registered model",
    "predict": "predict the rows of a file with a version of the model",
    "probe": "test a running server: its version, its contract, its latency",
    "promote": "make a version the champion, if it passes the gates",
    "propose": "open a pull or merge request with what `dvc repro` has changed, from a CI job",
    "pull": "fetch data and models from DVC's remote",
    "push": "send data and models to DVC's remote",
    "ready": "show what CI still needs to share data and models",
    "release": "name the version that a git tag releases",
    "remote": "show DVC's remote or set another one, and give `dvc` the credentials in .env",
    "repair-paths": "correct the paths in a local tracking store after the project was moved",
    "report": "write a page about the effect of a change on data and model",
    "reproduce": "run a recorded run or a model version again and compare the results",
    "restore": "restore the tracking store from a backup, into an empty place",
    "rollback": "make the previous champion the champion again",
    "serve": "answer requests with the predictions of the version that the registry names",
    "status": "show what is out of date, the last run, the versions, and the next command",
    "tracking": "copy the project's own tracking store to a tracking server",
    "tune": "search for better parameters and write them to params.yaml",
    "ui": "show runs and models in a browser: MLflow's pages",
}
FOR_CI = ("comment", "propose", "pull", "ready")  # the help lists these separately
RENAMED = {"mend": "repair-paths"}


def main() -> None:
    """Run the stage or the command that the first argument names."""
    sys.excepthook = _excepthook
    from . import start

    start.check_interpreter()
    start.set_environment()
    from . import dispatch

    dispatch.run(sys.argv[1] if len(sys.argv) > 1 else "--help", COMMANDS, RENAMED, FOR_CI)


def _excepthook(kind: "type[BaseException]", error: BaseException, traceback: object) -> None:
    """Print an interrupt in one line, until `process` has a better one."""
    if issubclass(kind, KeyboardInterrupt):
        sys.stderr.write("error: interrupted\n")
    else:
        sys.__excepthook__(kind, error, error.__traceback__)
