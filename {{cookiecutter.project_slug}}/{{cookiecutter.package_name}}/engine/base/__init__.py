"""What all other rooms use: errors, files, git, DVC, YAML, the console. It imports no other room."""
