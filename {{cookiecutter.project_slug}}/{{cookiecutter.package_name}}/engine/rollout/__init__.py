"""Giving a version a share of the traffic: how it is compared with the champion, how its share is moved."""
