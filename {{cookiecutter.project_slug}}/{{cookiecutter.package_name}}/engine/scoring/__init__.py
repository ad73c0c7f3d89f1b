"""Rows that a model is to predict: read as those that it learned from, checked, and predicted."""
