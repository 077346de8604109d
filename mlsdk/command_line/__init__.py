"""What the command `mlsdk` does, a module for each of its words."""
