"""Says how good a model is."""

print("report")
