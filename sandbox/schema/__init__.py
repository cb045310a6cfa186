"""The google provider's schema and facts, as shipped data, and the program that extracts them."""
