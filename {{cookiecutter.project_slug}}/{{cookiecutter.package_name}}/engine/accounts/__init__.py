"""The accounts of the team's tracking server: who has which role, from a file."""
