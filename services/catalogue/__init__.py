"""The catalogue publishes what everybody follows: versions of SOPs, and the calendar of working days."""
