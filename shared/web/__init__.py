"""Web pages of the city: one base template, one style sheet, the words and the formats that every page shares."""
