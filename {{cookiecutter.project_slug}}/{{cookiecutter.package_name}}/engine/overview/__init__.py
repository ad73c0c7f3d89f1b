"""What `status`, `merge` and `audit` are made of: where the project is, and what its store holds."""
