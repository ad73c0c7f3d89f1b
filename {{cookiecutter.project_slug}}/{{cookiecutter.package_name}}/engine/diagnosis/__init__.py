"""What `doctor` checks: the machine, the repository, the data and the store."""
