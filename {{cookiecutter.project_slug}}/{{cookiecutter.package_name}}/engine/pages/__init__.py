"""The pages for people: one style sheet, the parts of a page, and small charts; every text is escaped."""
