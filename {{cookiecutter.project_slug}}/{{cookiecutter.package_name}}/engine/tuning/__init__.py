"""The search for good parameters: what `python -m PACKAGE tune` is made of.

`search` asks the `study` for a trial's values out of the `space`, has them judged by `cross_validation` (in a
thread, or on the workers of a `cluster`, which get it in a `plugin`) or by a run of the whole pipeline
(`queue`), and tells the study.
"""
