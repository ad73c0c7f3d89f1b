"""What the model is made of, and how it is judged: edit here to make the project yours."""
