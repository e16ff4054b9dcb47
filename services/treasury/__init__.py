"""The treasury has charges paid through a gateway, confirms what reached it, pays back what is owed, and compares each day with the bank."""
