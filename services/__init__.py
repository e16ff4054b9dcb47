"""The city's services, one package each, and the `jejak` command that runs them."""
