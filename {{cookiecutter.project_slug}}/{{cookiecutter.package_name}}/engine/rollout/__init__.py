"""A version gets a share of the traffic: how it is compared with the champion, and how its share is moved."""
