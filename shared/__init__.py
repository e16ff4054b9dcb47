"""The contract that every service shares: events, their bytes, the fold, the rules of an SOP, and the kit that touches the outside."""
