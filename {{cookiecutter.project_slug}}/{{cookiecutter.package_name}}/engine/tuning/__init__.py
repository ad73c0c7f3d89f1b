"""The search for good parameters: what `python -m PACKAGE tune` is made of.

`search` asks the `study` for a trial's values out of the `space`, has it evaluated, and tells the study the
result. A trial is evaluated by `cross_validation` (in a thread, or on the workers of a `cluster`, which get
code and data by a `plugin`) or by a run of the whole pipeline (`queue`).
"""
