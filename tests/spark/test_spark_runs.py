"""Spark jobs run on a real Spark, in threads of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from mlsdk.local import spark
from mlsdk.local.placeholders import substitute

GREET = """
import argparse
from pyspark.sql import SparkSession
from pyspark.sql.functions import udf
from utils import util

spark = SparkSession.builder.getOrCreate()
parser = argparse.ArgumentParser()
parser.add_argument("--file_input")
parser.add_argument("--output")
args = parser.parse_args()
greeting = udf(util.greeting)
df = spark.read.option("header", "true").csv(args.file_input)
df.withColumn("greeting", greeting(df.species)).coalesce(1).write.csv(args.output)
print("master", spark.sparkContext.master, "settings", spark.sparkContext.getConf().get("spark.executor.cores"))
"""
"""Adds a column by a module of its own that is given to Spark, as a public example does."""


def run(properties: dict[str, Any], code: Path, known: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the command of a Spark job in a folder with its code."""
    made = substitute(spark.command(properties), known)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", made.text],  # noqa: S607 - as the runner finds it
        cwd=code,
        env={**os.environ, "PATH": path, **made.variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


@pytest.mark.runs_here("spark.python")
def test_a_script_reads_its_input_and_writes_its_output(tmp_path: Path) -> None:
    """Modules and files that are given are there, paths with spaces too, and the output's folder may be made before."""
    code, output = tmp_path / "code", tmp_path / "out put"
    for folder in (code, output):
        folder.mkdir()
    (code / "main.py").write_text(GREET)
    (code / "my_files.txt").write_text("x")
    with zipfile.ZipFile(code / "utils.zip", "w") as archive:
        archive.writestr("utils/__init__.py", "")
        archive.writestr("utils/util.py", "def greeting(name):\n    return 'hello ' + name\n")
    (tmp_path / "iris data.csv").write_text("length,species\n5.1,setosa\n6.0,virginica\n")
    properties = {
        "entry": {"sparkJobEntryType": "SparkJobPythonEntry", "file": "main.py"},
        "pyFiles": ["utils.zip"],
        "files": ["my_files.txt"],
        "args": "--file_input ${{inputs.file_input}} --output ${{outputs.output}}",
        "conf": {"spark.driver.memory": "1g", "spark.executor.cores": "1", "spark.executor.instances": "2"},
        "outputs": {"output": {"jobOutputType": "uri_folder"}},
    }
    done = run(properties, code, {"inputs.file_input": str(tmp_path / "iris data.csv"), "outputs.output": str(output)})
    assert done.returncode == 0, done.stderr[-3000:]
    assert "master local[2] settings 1" in done.stdout
    assert (output / "_SUCCESS").exists()
    (part,) = output.glob("part-*.csv")
    assert part.read_text().splitlines() == ["5.1,setosa,hello setosa", "6.0,virginica,hello virginica"]


def test_a_script_that_fails_fails_the_job(tmp_path: Path) -> None:
    """Its traceback is in the log; Spark passes on what scripts print as errors on its standard output."""
    (tmp_path / "main.py").write_text("from pyspark.sql import SparkSession\nraise ValueError('bad data')\n")
    done = run({"entry": {"file": "main.py"}}, tmp_path, {})
    assert done.returncode != 0
    assert "ValueError: bad data" in done.stdout
