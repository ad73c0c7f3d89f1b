"""The names that a version may have besides its number, and the tag of a version that is no longer used."""

CHAMPION = "champion"  # in production
CHALLENGER = "challenger"  # passed the gates, awaits approval
CANARY = "canary"  # gets a share of the traffic
ARCHIVED = "archived"  # the tag of a version that must not be used any more: when, by whom and why
