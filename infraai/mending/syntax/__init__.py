"""Files that do not parse: what was meant, wherever it can be told from characters, lines and indentation."""
