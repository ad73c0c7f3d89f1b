"""A version meets a part of the traffic: how it is compared with the champion, and how its share is moved."""
