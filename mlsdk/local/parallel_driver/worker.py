"""A process that runs mini batches: it loads the entry script and calls its `init()`, `run(mini_batch)` and `shutdown()`."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import io
import json
import logging
import os
import socket
import sys
import traceback
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .batches import encoding_of

if TYPE_CHECKING:
    from collections.abc import Callable


class MiniBatchContext:
    """What `run(mini_batch, mini_batch_context)` is told of its mini batch."""

    def __init__(self, number: int, values: dict[str, Any]) -> None:
        """`values` are what the rows have in the columns by which the table is cut."""
        self.minibatch_index = number
        self.partition_key_value = values


class EntryScript:
    """What `from azureml_user.parallel_run import EntryScript` is on Azure: places for the script's own logs and files."""

    agent_name = ""
    """The name of the process: `process003`."""
    log_dir = ""
    working_dir = ""
    output_dir = ""
    """The folder of the file that results are appended to; empty where they are not."""
    logger = logging.getLogger("entry_script")


def main(arguments: list[str]) -> int:
    """Run the mini batches that the driver gives, until it has no more: the exit code."""
    connection = socket.socket(fileno=int(arguments[0]))
    # What the script starts shall not hold the driver's line.
    os.set_inheritable(connection.fileno(), False)
    lines = connection.makefile("r", encoding="utf-8")

    def say(**message: Any) -> None:
        connection.sendall(json.dumps(message).encode() + b"\n")

    settings = json.loads(lines.readline())
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    try:
        script = _load(settings)
    except Exception as error:  # noqa: BLE001 - whatever the script raises, its author has to see
        _tell(error)
        say(state="unready", error=_words(error), final=True)
        return 1
    try:
        getattr(script, "init", lambda: None)()
    except Exception as error:  # noqa: BLE001 - the same
        _tell(error)
        say(state="unready", error=_words(error), final=False)
        return 1
    say(state="ready")
    for line in lines:
        asked = json.loads(line)
        try:
            say(state="done", **_run(script.run, asked, settings, say))
        except Exception as error:  # noqa: BLE001 - the same
            _tell(error)
            say(state="failed", error=_words(error))
    getattr(script, "shutdown", lambda: None)()
    return 0


def _words(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()[-1]


def _tell(error: BaseException) -> None:
    """The traceback goes to the log, from the script's own lines on."""
    below = error.__traceback__
    while below is not None and below.tb_frame.f_code.co_filename == __file__ and below.tb_next is not None:
        below = below.tb_next
    traceback.print_exception(type(error), error, below)


# -- the script ----------------------------------------------------------------------------------------------
def _load(settings: dict[str, Any]) -> Any:
    """The entry script as a module; its folder and the working folder are where it finds others."""
    path = Path(settings["entry_script"]).resolve()
    if not path.is_file():
        message = f"the entry script {settings['entry_script']} is not in the code"
        raise FileNotFoundError(message)
    sys.argv = [str(path), *settings["arguments"]]
    sys.path[:0] = list(dict.fromkeys([str(path.parent), str(Path.cwd())]))
    logging.basicConfig(
        level=settings["logging_level"], stream=sys.stdout, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    _entry_script_module(settings)
    if (settings["table"] or {}).get("rows"):
        _pandas()
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        message = f"the entry script {settings['entry_script']} is no Python file"
        raise FileNotFoundError(message)
    script = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = script
    spec.loader.exec_module(script)
    if not callable(getattr(script, "run", None)):
        message = f"the entry script {settings['entry_script']} has no function run(mini_batch)"
        raise AttributeError(message)  # noqa: TRY004 - it is missing
    return script


def _entry_script_module(settings: dict[str, Any]) -> None:
    """`azureml_user.parallel_run`, which Azure's own program brings along there."""
    EntryScript.agent_name = f"process{settings['number']:03d}"
    EntryScript.working_dir = str(Path.cwd())
    EntryScript.log_dir = str(Path("logs", "user", "entry_script_log", "0").resolve())
    if settings["append_row_to"] is not None:
        target = Path(settings["append_row_to"]).absolute()
        EntryScript.output_dir = str(target if target.is_dir() else target.parent)
    package, module = types.ModuleType("azureml_user"), types.ModuleType("azureml_user.parallel_run")
    vars(module)["EntryScript"] = EntryScript
    vars(package)["parallel_run"] = module
    sys.modules.update({"azureml_user": package, "azureml_user.parallel_run": module})


# -- mini batches --------------------------------------------------------------------------------------------
def _run(
    run: Callable[..., Any], asked: dict[str, Any], settings: dict[str, Any], say: Callable[..., None]
) -> dict[str, Any]:
    """Run one mini batch and write down what it gives: how many items it had, and how many results there are."""
    values: dict[str, Any] = {}
    if "files" in asked:
        data: Any = asked["files"]
    else:
        data = _frame(asked["slice"], settings["table"])
        values = {key: data[key].iloc[0] for key in asked["slice"].get("keys") or ()}
    items = len(data)
    say(state="running")
    results = run(data, MiniBatchContext(asked["number"], values)) if _takes_context(run) else run(data)
    is_frame = hasattr(results, "to_csv") and hasattr(results, "columns")
    if isinstance(results, (str, bytes, dict)) or not hasattr(results, "__len__"):
        message = (
            f"run() has to return a list, tuple or DataFrame with a result for each item, not {type(results).__name__}"
        )
        raise TypeError(message)
    told: dict[str, Any] = {"results": len(results), "items": items}
    if asked["rows"] is None:
        return told
    with Path(asked["rows"]).open("w", encoding="utf-8", newline="") as stream:
        if is_frame:
            results.to_csv(stream, sep=" ", header=False, index=False)
        else:
            stream.writelines(f"{row}\n" for row in results)
    if is_frame and settings["header"]:
        told["header"] = " ".join(map(str, results.columns))
    return told


def _takes_context(run: Callable[..., Any]) -> bool:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [
        one
        for one in inspect.signature(run).parameters.values()
        if one.kind in kinds and (one.default is inspect.Parameter.empty or one.name == "mini_batch_context")
    ]
    return len(needed) > 1


def _pandas() -> Any:
    """The package of the job's own environment; nothing of ours needs it."""
    try:
        return importlib.import_module("pandas")
    except ImportError as error:
        message = (
            "mini batches of a table are DataFrames, which need pandas in the job's environment: pip install pandas"
        )
        raise ModuleNotFoundError(message) from error


def _frame(part: dict[str, Any], table: dict[str, Any]) -> Any:
    """The rows of a part of a table's file, as a DataFrame."""
    pandas = _pandas()
    head = b""
    if part["names"] is not None:
        with Path(part["names"]["path"]).open("rb") as stream:
            head = stream.read(part["names"]["stop"])
    with Path(part["path"]).open("rb") as stream:
        stream.seek(part["start"])
        content = stream.read() if part["stop"] is None else stream.read(part["stop"] - part["start"])
    if table["rows"] == "json":
        frame = pandas.read_json(io.BytesIO(content), lines=True, encoding=encoding_of(table))
    else:
        named = part["names"] is not None or (
            part["stop"] is None and (table.get("header") or "all_files_same_headers") != "no_header"
        )
        if head and not head.endswith(b"\n"):
            head += b"\n"
        frame = pandas.read_csv(
            io.BytesIO(head + content),
            sep=str(table.get("delimiter") or ","),
            encoding=encoding_of(table),
            header=0 if named else None,
            dtype=None if table.get("infer_column_types", True) is not False else str,
            keep_default_na=not table.get("empty_as_string", False),
        )
        if not named:
            frame.columns = [f"Column{number + 1}" for number in range(len(frame.columns))]
    if table.get("keep"):
        frame = frame[table["keep"]]
    return frame.drop(columns=table["drop"]) if table.get("drop") else frame
