"""A prediction server under load: locust sends rows of the validated table, and the SLO judges."""
