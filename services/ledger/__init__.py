"""The ledger puts every event of the city into one order, judges it there, keeps the city's clock, and never forgets."""
