"""The search for good parameters: what `python -m PACKAGE tune` is made of.

`search` asks the `study` for a trial's values from the `space`, has the trial evaluated, and tells the study
the result. A trial is evaluated by `cross_validation` (in a thread, or on the workers of a `cluster`, which
get code and data through a `plugin`) or by a run of the whole pipeline (`queue`).
"""
