"""A prediction server under load: locust sends rows of the validated table; the SLO judges the answers."""
