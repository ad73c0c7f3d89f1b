"""Reading a table, what its cells mean, and what kind of table it is."""
