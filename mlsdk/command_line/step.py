"""One step run on this machine: a component's command, with its placeholders filled in, as a process."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

from mlsdk.exceptions import JobException, ValidationException

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PLACEHOLDER = re.compile(r"\$\{\{\s*(?P<side>inputs|outputs)\.(?P<name>[A-Za-z_][A-Za-z0-9_.]*)\s*\}\}")
"""`${{inputs.x}}` or `${{outputs.y}}`."""
OPTIONAL = re.compile(r"\$\[\[(?P<part>.*?)\]\]", re.DOTALL)
"""`$[[--flag ${{inputs.x}}]]`, which stands only when the optional input is given."""
SHELL = ";&|<>"
"""Characters by which a shell joins commands and sends their output elsewhere; no shell is started here."""
INTERPRETERS = frozenset({"python", "python3"})


def arguments(command: str, inputs: Mapping[str, str | None], outputs: Mapping[str, str]) -> list[str]:
    """The words of a command, its placeholders replaced.

    The command is split before values are put in, so a value with spaces or quotes stays one word. An optional part
    whose input is None is left out, and `python` is the interpreter that is running. ValidationException when a
    placeholder has no value, or the command needs a shell.
    """
    values = {"inputs": inputs, "outputs": outputs}

    def replaced(found: re.Match[str]) -> str:
        side = values[found["side"]]
        value = side.get(found["name"])
        if value is None:
            known = ", ".join(sorted(name for name, given in side.items() if given is not None)) or "none"
            message = f"{found[0]} in the command has no value; {found['side']} with one: {known}"
            raise ValidationException(message)
        return value

    def wanted(found: re.Match[str]) -> str:
        names = [place["name"] for place in PLACEHOLDER.finditer(found["part"]) if place["side"] == "inputs"]
        return "" if any(inputs.get(name, "") is None for name in names) else found["part"]

    # A space inside `${{ inputs.x }}` would split the placeholder in two.
    text = PLACEHOLDER.sub(lambda found: f"${{{{{found['side']}.{found['name']}}}}}", OPTIONAL.sub(wanted, command))
    words = [PLACEHOLDER.sub(replaced, word) for word in _words(text)]
    return [sys.executable, *words[1:]] if words[0] in INTERPRETERS else words


def _words(command: str) -> list[str]:
    """The words of a command line; ValidationException when it is none, or asks for a shell."""
    lexer = shlex.shlex(command.replace("\\\n", " "), posix=True, punctuation_chars=SHELL)
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        words = list(lexer)
    except ValueError as error:
        message = f"the command cannot be split into words ({error}): {command}"
        raise ValidationException(message) from None
    joining = next((word for word in words if word and set(word) <= set(SHELL)), None)
    if joining is not None or not words:
        what = "is empty" if joining is None else f"needs a shell for {joining!r}"
        message = f"the command {what}; expected one program and its arguments: {command}"
        raise ValidationException(message)
    return words


def run(words: list[str], folder: Path) -> str:
    """What the process wrote to its output, run in `folder`; JobException when it cannot start or fails."""
    try:
        ended = subprocess.run(  # noqa: S603 - the user's own command, without a shell
            words,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        message = f"the command cannot be started: {words[0]}: {error.strerror}"
        raise JobException(message) from None
    if ended.returncode != 0:
        told = (ended.stderr or ended.stdout).strip() or "it wrote nothing"
        message = f"the command ended with exit code {ended.returncode}: {told}"
        raise JobException(message)
    return ended.stdout
