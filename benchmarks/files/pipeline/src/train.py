"""Trains on trips."""

print("fares")
