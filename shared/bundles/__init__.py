"""Bundles for auditors: entries of the ledger with all that proves them, as one zip file that is checked without the city; pure."""
