"""What needs packages that are large: Spark itself, and tables as DataFrames. `nox -s spark` installs them."""

from __future__ import annotations

from importlib.util import find_spec

PACKAGES = {"test_spark_runs.py": "pyspark", "test_tables_in_parallel.py": "pandas"}
"""What each file runs with."""

collect_ignore = [name for name, package in PACKAGES.items() if find_spec(package) is None]
