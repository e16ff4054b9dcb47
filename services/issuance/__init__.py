"""Issuance assesses charges, has decisions drafted by one officer and signed by another, and issues permits."""
