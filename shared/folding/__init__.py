"""The handlers of the one fold, by theme: each says how one event that stands changes a case."""
