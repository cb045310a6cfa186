"""From an alert to a closed incident: the shapes, the parsers and the rules. No network, no model."""
