"""The checks behind `admissible`, by theme: each says whether one event may stand, given the case it meets."""
