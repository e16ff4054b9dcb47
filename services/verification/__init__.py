"""Verification runs the technical reviews of the agencies, makes one list of corrections of them, and issues their recommendations."""
