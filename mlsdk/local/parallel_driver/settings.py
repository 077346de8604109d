"""The command line of a parallel job: how its input is cut, how many processes there are, and what may go wrong."""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

LEVELS = ("DEBUG", "INFO", "WARNING")


class Unusable(Exception):
    """The job cannot be run as it is written; the message says why."""


class Settings(argparse.Namespace):
    """What the command line says."""

    entry_script: str
    input: str
    table: dict[str, Any] | None
    """What the `MLTable` of the input says; None where the input is a folder or a file."""
    mini_batch_size: int | None
    """Files, or bytes of a table."""
    partition_keys: list[str] | None
    processes: int
    mini_batch_error_threshold: int
    error_threshold: int
    max_retries: int
    timeout: float
    """Seconds of one call of `run()`."""
    logging_level: str
    append_row_to: str | None
    allowed_failed_percent: float
    task_overhead_timeout: float
    """Seconds in which the data of a mini batch is read."""
    first_task_creation_timeout: float
    """Seconds in which a process begins."""
    append_row_dataframe_header: bool


def _switch(text: str) -> bool:
    return text.strip().lower() == "true"


def parse(given: list[str]) -> tuple[Settings, list[str]]:
    """The settings, and the script's own arguments, which follow `--`."""
    parser = argparse.ArgumentParser(prog="parallel_driver", allow_abbrev=False)
    parser.add_argument("--entry-script", required=True)
    parser.add_argument("--input", required=True)
    parser.add_argument("--table", type=json.loads)
    parser.add_argument("--mini-batch-size", type=int)
    parser.add_argument("--partition-keys", type=json.loads)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--mini-batch-error-threshold", type=int, default=-1)
    parser.add_argument("--error-threshold", type=int, default=-1)
    parser.add_argument("--max-retries", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=60.0)
    parser.add_argument("--logging-level", choices=LEVELS, default="INFO")
    parser.add_argument("--append-row-to")
    cut = given.index("--") if "--" in given else len(given)
    arguments = given[cut + 1 :]
    settings = parser.parse_args(given[:cut], Settings())
    # What Azure reads from among the script's arguments, which the script is given all the same.
    predefined = argparse.ArgumentParser(prog="program_arguments", allow_abbrev=False, add_help=False)
    predefined.add_argument("--error_threshold", type=int, default=settings.error_threshold)
    predefined.add_argument("--allowed_failed_percent", type=float, default=100.0)
    predefined.add_argument("--task_overhead_timeout", type=float, default=600.0)
    predefined.add_argument("--first_task_creation_timeout", type=float, default=600.0)
    predefined.add_argument("--append_row_dataframe_header", type=_switch, default=False)
    predefined.parse_known_args(arguments, settings)
    return settings, arguments
