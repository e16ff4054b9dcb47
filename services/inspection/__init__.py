"""Inspection schedules site visits of one or several agencies, records what was seen, and draws by rule who is checked after issue."""
