"""Functions that make jobs and the steps of pipelines."""
