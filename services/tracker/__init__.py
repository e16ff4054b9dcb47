"""The tracker shows the public where an application stands: whose turn it is, by when, and what comes next."""
