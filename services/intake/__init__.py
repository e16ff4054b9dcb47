"""Intake takes applications, keeps the applicants' data, declares completeness by rule, and takes corrections and withdrawals."""
