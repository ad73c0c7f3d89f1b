"""The hosts whose CI jobs the project runs in: GitHub and GitLab."""
