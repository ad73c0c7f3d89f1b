"""What everything else stands on: errors, files, git, DVC, YAML, the console; imports nothing of ours."""
