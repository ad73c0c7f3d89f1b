"""What `status`, `merge` and `audit` are made of: where the project stands, and what its store holds."""
