"""Libraries are imported once for all stages of one `dvc repro`: a helper has them, and forks the stages."""
