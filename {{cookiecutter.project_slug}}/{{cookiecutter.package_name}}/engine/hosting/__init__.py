"""The hosts of a repository whose CI jobs the project runs in: GitHub, GitLab."""
