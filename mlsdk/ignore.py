"""Which entries of a folder an upload leaves out: its `.amlignore`, else its `.gitignore`.

The patterns are git's, as the official client reads them, so that both give a folder the same hash:

* the last pattern that matches decides, and `!` takes back in;
* a pattern matches a name and all below it, and never asks whether the name is a file or a folder, except that `name/`
  matches only what is below;
* white space around a pattern does not count, not even when escaped;
* only the file at the root counts, and patterns are relative to where it really is.

An installed pattern library reads some of these otherwise (`[^a]`, `**/`, `dir/*`), which would change hashes.
"""

# Paths as text: for thousands of files they are several times as fast as Path objects.
# ruff: noqa: PTH118, PTH120, PTH123

from __future__ import annotations

import os
import re
from collections.abc import Callable

import attrs

IGNORE_FILES = (".amlignore", ".gitignore")
"""Where patterns are looked for; the first that exists is the only one read."""

_GLOB = re.compile(
    r"\\(?P<escaped>.)"
    r"|(?P<star>\*)"
    r"|(?P<any>\?)"
    r"|\[!(?P<outside>\][^\]]*|[^\]]+)\]"
    r"|\[(?!!)(?P<inside>\][^\]]*|[^\]]+)\]"
    r"|(?P<plain>.)",
    re.DOTALL,
)
_SPECIAL_IN_SET = re.compile(r"[\\\[&~|]")
"""What means something in Python's sets of characters, or may one day, and nothing in git's."""


@attrs.frozen
class IgnoreRules:
    """The patterns of one folder, asked with paths that are relative to `base`."""

    base: str
    """The folder that patterns are relative to, without symbolic links."""
    rules: tuple[tuple[Callable[[str], object], bool], ...] = ()
    """Last pattern first: what matches, and whether that leaves out."""

    def prefix(self, folder: str) -> str:
        """What stands before the name of an entry of `folder` when the rules are asked: nothing, or it ends in `/`."""
        relative = os.path.relpath(folder, self.base).replace(os.sep, "/")
        return "" if relative == "." else f"{relative}/"

    def exclude(self, path: str) -> bool:
        """Whether the entry at `path`, with `/` between its parts, is left out."""
        for matches, leaves_out in self.rules:
            if matches(path):
                return leaves_out
        return False


def ignore_rules(folder: str, also: tuple[str, ...] = ()) -> IgnoreRules:
    """The rules of the ignore file at the root of `folder`, with the patterns `also` after it.

    ValidationException names the line of a pattern that means nothing.
    """
    candidates = (os.path.realpath(os.path.join(folder, name)) for name in IGNORE_FILES)
    file = next(filter(os.path.exists, candidates), None)
    base = os.path.dirname(file) if file else os.path.realpath(folder)
    compiled = []
    for number, pattern in enumerate([*(_lines(file) if file else ()), *also], 1):
        try:
            rule = translate(pattern)
            if rule is not None:
                compiled.append((re.compile(rule[0]).match, rule[1]))
        except (ValueError, re.error) as error:
            message = f"{file}:{number}: {pattern.strip()!r} is not a pattern: {error}"
            raise _wrong(message) from None
    return IgnoreRules(base, tuple(reversed(compiled)))


def translate(pattern: str) -> tuple[str, bool] | None:
    """The regular expression of one line and whether a match leaves out; None for a blank line or a comment.

    ValueError when the line is not a pattern.
    """
    pattern = pattern.strip()
    if not pattern or pattern == "/" or pattern.startswith("#"):
        return None
    leaves_out = not pattern.startswith("!")
    written = (pattern if leaves_out else pattern[1:]).split("/")
    segments = [part for part, before in zip(written, ["", *written], strict=False) if not part == before == "**"]
    if segments == ["**", ""]:
        return "^.+/.*$", leaves_out
    if not segments[0]:
        del segments[0]  # a leading slash: from the root only
    elif segments[1:] in ([], [""]) and segments[0] != "**":
        segments.insert(0, "**")  # a single name: at any depth
    if not segments:
        message = "nothing follows the exclamation mark"
        raise ValueError(message)
    if len(segments) > 1 and not segments[-1]:
        segments[-1] = "**"  # a trailing slash: all that is below
    return f"^{_join(segments)}$", leaves_out


def _join(segments: list[str]) -> str:
    """The regular expression of the parts of a path; `**` stands for any number of parts."""
    last = len(segments) - 1
    text = ""
    for index, segment in enumerate(segments):
        if segment != "**":
            separated = "/" if index and (segments[index - 1] != "**" or index > 1) else ""
            text += separated + ("[^/]+" if segment == "*" else _glob(segment)) + ("(?:/.*)?" if index == last else "")
        elif index == 0:
            text += "(?:.+/)?" if last else ".+"
        else:
            text += "/.*" if index == last else "(?:/.+)?"
    return text


def _glob(segment: str) -> str:
    """The regular expression of one part of a path. ValueError when it ends in a lone backslash."""

    def expression(found: re.Match[str]) -> str:
        kind, text = str(found.lastgroup), str(found[str(found.lastgroup)])
        if kind == "star":
            return "[^/]*"
        if kind == "any":
            return "[^/]"
        if kind in ("inside", "outside"):
            characters = _SPECIAL_IN_SET.sub(r"\\\g<0>", text)
            caret = "^" if kind == "outside" else "\\" if text.startswith("^") else ""
            return f"[{caret}{characters}]"
        if kind == "plain" and text == "\\":
            message = "a backslash at the end escapes nothing"
            raise ValueError(message)
        return re.escape(text)

    return _GLOB.sub(expression, segment)


def _lines(file: str) -> list[str]:
    try:
        with open(file, encoding="utf-8-sig") as lines:
            return list(lines)
    except UnicodeDecodeError as error:
        message = f"{file} is not UTF-8 text: {error.reason}"
        raise _wrong(message) from None


def _wrong(message: str) -> Exception:
    from mlsdk.exceptions import ErrorTarget, ValidationException

    return ValidationException(message, "An ignore file cannot be read.", target=ErrorTarget.ARTIFACT)
