"""A training city's life: arrivals, and an autopilot that plays its applicants and officers through the documented doors."""
