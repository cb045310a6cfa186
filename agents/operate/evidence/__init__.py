"""Where evidence comes from: one file for each source, and what one piece may hold."""
