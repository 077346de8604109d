"""Cleans trips and parts them."""

print("trips")
