"""What a model predicts, how good it is, and whether it passes the gates."""
