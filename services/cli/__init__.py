"""The commands of `jejak`: every module here with a `register` function adds its own."""
