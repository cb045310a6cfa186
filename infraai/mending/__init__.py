"""Mends by code: what is certain and local, found from Terraform's own words, before a model is asked."""
