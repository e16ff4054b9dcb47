"""SOPs as data: the language (`model`), the rules that answer from it (`rules`) and the catalogue of the city's permit types."""
