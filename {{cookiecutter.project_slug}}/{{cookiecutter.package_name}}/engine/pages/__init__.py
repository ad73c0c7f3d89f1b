"""The pages that people look at: one style sheet, parts of a page, small charts; every text is escaped."""
