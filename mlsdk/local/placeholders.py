"""A placeholder in a command is one safe word, whatever its value is and however it is quoted there.

Azure puts the text of a value into the command. Here the value goes into a variable of the process, and the placeholder
becomes an expansion of that variable in the quotes that its place needs: bash does not read again what it expanded, so
nothing in a value is ever run, split or matched against files. Where bash evaluates what it expanded (arithmetic), only
numbers are let in. What a command has evaluated itself (`eval`, `bash -c`, `python -c`) is beyond this.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Collection

PREFIX = "MLSDK_PLACE_"
"""How the variables begin that hold what placeholders stand for."""

_PLACEHOLDER = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_OPTIONAL = re.compile(r"\$\[\[(.*?)\]\]", re.DOTALL)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_WORD = re.compile(r"(?:[A-Za-z_]+|\[\[|[!{])(?=[\s;&|()]|$)")
_ASSIGNED_ELEMENT = re.compile(r"[A-Za-z_]\w*\[")
_HEREDOC = re.compile(r"<<(-?)[ \t]*(?:'([^'\n]*)'|\"([^\"\n]*)\"|(\\?)([^\s;&|<>()'\"]+))")
_EVALUATED = re.compile(r"[#!]?[A-Za-z_]\w*(?:\[|:(?![-=?+]))")
"""How an expansion begins in whose rest bash computes: `${list[`, `${text:`."""
_COMPARISON = re.compile(r"\s-(?:eq|ne|lt|le|gt|ge)\s")
_END_OF_TEST = re.compile(r"\s\]\](?=[\s;&|)]|$)")
_BEFORE_COMMANDS = frozenset({"then", "do", "else", "elif", "if", "while", "until", "time", "!", "{"})


class PlaceholderError(ValueError):
    """A placeholder that cannot be replaced, and what to do about it."""


@attrs.frozen
class Substituted:
    """A command without placeholders."""

    text: str
    """For bash."""
    variables: Mapping[str, str] = attrs.field(repr=False)
    """The environment variables that it needs."""


@attrs.define
class _Frame:
    """Where in the syntax of bash we are."""

    kind: str
    """`bare`, `double` (quotes), `heredoc`, `brace` (`${…}`) or `arithmetic`."""
    close: str = ""
    quoted: bool = False
    """Whether an expansion stands inside double quotes."""
    start: int = 0
    cases: int = 0
    """`case`s that are open: the parenthesis after a pattern closes nothing."""
    parentheses: int = 0
    word: int | None = None
    """Where the word began that we are in."""
    command: bool = True
    """Whether the next word is a command."""
    computes: bool = False
    """Whether the command is `let`."""
    numeric_until: int = 0
    """Up to where a test compares numbers."""


def substitute(command: str, known: Mapping[str, str], absent: Collection[str] = ()) -> Substituted:
    """The command with variables in the place of its placeholders.

    Parameters
    ----------
    command
        What bash is to run, with `${{inputs.x}}`, `${{outputs.y}}` and `$[[--flag ${{inputs.z}}]]`.
    known
        What each placeholder stands for, by the text between its braces: `{"inputs.x": "a value"}`.
    absent
        Placeholders of optional inputs that were not given (`inputs.z`): `$[[…]]` around them vanishes.

    Raises
    ------
    PlaceholderError
        One that is not known, stands for text that no process can be given, or for no number where bash computes.
    """

    def shown(match: re.Match[str]) -> str:
        inside = match[1]
        return "" if any(place[1] in absent for place in _PLACEHOLDER.finditer(inside)) else inside

    if "$[[" in command:
        command = _OPTIONAL.sub(shown, command)
    if "${{" not in command:
        return Substituted(command, {})
    reading = _Reading(known, absent)
    text = reading.read(command, _Frame("bare"))
    return Substituted(text, {variable: known[name] for name, variable in reading.names.items()})


def optional(command: str) -> set[str]:
    """The placeholders that stand in `$[[…]]`, which vanishes where they were not given: `inputs.x`."""
    return {place[1] for block in _OPTIONAL.finditer(command) for place in _PLACEHOLDER.finditer(block[1])}


class _Reading:
    """One pass over a command."""

    def __init__(self, known: Mapping[str, str], absent: Collection[str]) -> None:
        self._known, self._absent = known, absent
        self.names: dict[str, str] = {}
        """The variable of each placeholder that was met."""

    def _value(self, name: str) -> str:
        if name in self._absent:
            place = f"${{{{{name}}}}}"
            msg = f"{place} was not given; put what needs it into $[[…]], which then vanishes: $[[--flag {place}]]"
            raise PlaceholderError(msg)
        if name not in self._known:
            near = difflib.get_close_matches(name, self._known, 1) or sorted(self._known)
            offers = f"; there is {', '.join(f'${{{{{each}}}}}' for each in near)}" if near else ""
            msg = f"${{{{{name}}}}} in the command stands for nothing{offers}"
            raise PlaceholderError(msg)
        value = self._known[name]
        if "\0" in value:
            msg = f"${{{{{name}}}}} has a zero byte in its value, which no process can be given"
            raise PlaceholderError(msg)
        return value

    def _variable(self, name: str, *, number: bool = False) -> str:
        value = self._value(name)
        if number and not _NUMBER.fullmatch(value):
            msg = f"${{{{{name}}}}} stands where bash computes, and its value is no number"
            raise PlaceholderError(msg)
        return f"${{{self.names.setdefault(name, f'{PREFIX}{len(self.names)}')}}}"

    def read(self, text: str, first: _Frame) -> str:
        """`text` with expansions for its placeholders, where it begins in the frame `first`."""
        out: list[str] = []
        frames = [first]
        heredocs: list[tuple[int, re.Match[str]]] = []
        at = 0
        while at < len(text):
            frame = frames[-1]
            place = _PLACEHOLDER.match(text, at)
            if place:
                out.append(self._placed(text, at, place[1], frame))
                self._in_word(frame, at)
                at = place.end()
            elif text[at] == "\\":
                at = self._escape(text, at, frame, out)
            elif text[at] == "$" and _PLACEHOLDER.match(text, at + 1):
                out.append("\\$")
                self._in_word(frame, at)
                at += 1
            elif text.startswith("$$", at):
                out.append("$$")
                self._in_word(frame, at)
                at += 2
            elif text[at] in "$`" and frame.kind != "arithmetic" and (end := _opened(text, at, frames)) is not None:
                self._in_word(frame, at)
                out.append(text[at:end])
                at = end
            elif frame.kind == "bare":
                at = self._bare(text, at, frames, out, heredocs)
            else:
                at = self._inside(text, at, frames, out)
        return "".join(out)

    def _placed(self, text: str, at: int, name: str, frame: _Frame) -> str:
        """The expansion for a placeholder at a place."""
        if frame.kind == "arithmetic":
            return self._variable(name, number=True)
        if frame.kind == "brace":
            number = _EVALUATED.match(text[frame.start : at]) is not None
            return self._variable(name, number=number) if frame.quoted else f'"{self._variable(name, number=number)}"'
        if frame.kind in {"double", "heredoc"}:
            return self._variable(name)
        number = frame.computes or at < frame.numeric_until
        if frame.word is not None:
            number |= _ASSIGNED_ELEMENT.match(text[frame.word : at]) is not None and "]" not in text[frame.word : at]
        return f'"{self._variable(name, number=number)}"'

    @staticmethod
    def _in_word(frame: _Frame, at: int) -> None:
        if frame.word is None:
            frame.word = at
        frame.command = False

    def _escape(self, text: str, at: int, frame: _Frame, out: list[str]) -> int:
        """A backslash: it belongs to the next character, and stays one before a value inside double quotes."""
        self._in_word(frame, at)
        if _PLACEHOLDER.match(text, at + 1):
            if frame.kind in {"double", "heredoc"} or frame.quoted:
                out.append("\\\\")
            return at + 1
        out.append(text[at : at + 2])
        return at + 2

    def _inside(self, text: str, at: int, frames: list[_Frame], out: list[str]) -> int:
        """One step inside double quotes, a here-document, `${…}` or arithmetic."""
        frame, character = frames[-1], text[at]
        if frame.kind == "arithmetic":
            frame.parentheses += {"(": 1, ")": -1}.get(character, 0)
            if frame.parentheses == 0:
                frames.pop()
        elif frame.kind == "brace":
            if not frame.quoted and text.startswith(("'", "$'"), at):
                return self._single(text, at, out)
            if character == '"':
                frames.append(_Frame("double", '"'))
            elif character == "}":
                frames.pop()
        elif frame.kind == "double" and character == '"':
            frames.pop()
        out.append(character)
        return at + 1

    def _bare(
        self, text: str, at: int, frames: list[_Frame], out: list[str], heredocs: list[tuple[int, re.Match[str]]]
    ) -> int:
        """One step outside of quotes."""
        frame, character = frames[-1], text[at]
        if frame.word is None and character == "#":
            ends = "\n`" if any(each.close == "`" for each in frames) else "\n"
            end = min((found for each in ends if (found := text.find(each, at)) >= 0), default=len(text))
            return self._copied(text, at, end, out)
        if frame.word is None and frame.command and (word := _WORD.match(text, at)):
            _keyword(text, word, frame)
            return self._copied(text, at, word.end(), out)
        if text.startswith(("'", "$'"), at):
            self._in_word(frame, at)
            return self._single(text, at, out)
        if character in "()":
            return _parenthesis(text, at, frames, out)
        if text.startswith("<<<", at):
            return self._copied(text, at, at + 3, out)
        if character == "<" and (heredoc := _HEREDOC.match(text, at)):
            frame.word = None
            heredocs.append((len(out), heredoc))
            return self._copied(text, at, heredoc.end(), out)
        out.append(character)
        if character == '"':
            self._in_word(frame, at)
            frames.append(_Frame("double", '"'))
        elif character in " \t\n;&|<>":
            frame.word = None
            if character in "\n;&|":
                frame.command, frame.computes = True, False
            if character == "\n" and heredocs:
                return self._documents(text, at + 1, out, heredocs)
        else:
            self._in_word(frame, at)
        return at + 1

    def _copied(self, text: str, at: int, end: int, out: list[str]) -> int:
        """Text in which every placeholder may stand as in double quotes, since it is a comment or has none."""
        out.append(_PLACEHOLDER.sub(lambda place: self._variable(place[1]), text[at:end]))
        return end

    def _single(self, text: str, at: int, out: list[str]) -> int:
        """What stands in `'…'` or `$'…'`; the quotes end before a value and begin again after it."""
        opening = "$'" if text[at] == "$" else "'"
        out.append(opening)
        at += len(opening)
        while at < len(text):
            place = _PLACEHOLDER.match(text, at)
            if place:
                out.append(f'\'"{self._variable(place[1])}"{opening}')
                at = place.end()
            elif text[at] == "\\" and opening == "$'":
                whole = _PLACEHOLDER.match(text, at + 1) is None
                out.append(text[at : at + 2] if whole else "\\\\")
                at += 2 if whole else 1
            else:
                out.append(text[at])
                at += 1
                if text[at - 1] == "'":
                    break
        return at

    def _documents(self, text: str, at: int, out: list[str], heredocs: list[tuple[int, re.Match[str]]]) -> int:
        """The here-documents that begin at the line `at`."""
        for position, heredoc in heredocs:
            quoted = heredoc[5] is None or bool(heredoc[4])
            word = next(each for each in (heredoc[2], heredoc[3], heredoc[5]) if each is not None)
            lines: list[str] = []
            closing, ended = "", False
            while at < len(text) and not ended:
                end = text.find("\n", at)
                end = len(text) if end < 0 else end + 1
                line = text[at:end]
                at = end
                ended = (line.lstrip("\t") if heredoc[1] else line).rstrip("\n") == word
                if ended:
                    closing = line
                else:
                    lines.append(line)
            body = "".join(lines)
            if not quoted:
                out.append(self.read(body, _Frame("heredoc")))
            elif _PLACEHOLDER.search(body):
                # Nothing is expanded in it, so the value itself stands there: under a word that is no line of it.
                if heredoc[1]:
                    body = "".join(line.lstrip("\t") for line in lines)
                body = _PLACEHOLDER.sub(lambda place: self._value(place[1]), body)
                while word in body.split("\n") or word == "":
                    word += "_"
                out[position] = f"<<'{word}'"
                closing = word + closing[len(closing.rstrip("\n")) :]
                out.append(body)
            else:
                out.append(body)
            out.append(closing)
        heredocs.clear()
        return at


def _parenthesis(text: str, at: int, frames: list[_Frame], out: list[str]) -> int:
    """A parenthesis outside of quotes: it begins or ends a subshell, a list or arithmetic, or ends a pattern of a case."""
    frame = frames[-1]
    frame.word = None
    if text[at] == "(" and frame.command and text.startswith("((", at) and _computes(text, at):
        frames.append(_Frame("arithmetic", parentheses=2))
        out.append("((")
        return at + 2
    if text[at] == "(":
        frames.append(_Frame("bare", ")"))
    elif frame.close == ")" and not frame.cases:
        frames.pop()
        frames[-1].command = frames[-1].word is None
    else:
        frame.command = True
    out.append(text[at])
    return at + 1


def _keyword(text: str, word: re.Match[str], frame: _Frame) -> None:
    """Note what a word means that stands where a command may."""
    said = word[0]
    frame.command = said in _BEFORE_COMMANDS
    if said == "case":
        frame.cases += 1
    elif said == "esac" and frame.cases:
        frame.cases -= 1
    elif said == "let":
        frame.computes = True
    elif said == "[[":
        end = _END_OF_TEST.search(text, word.end())
        if _COMPARISON.search(text, word.end(), end.start() if end else len(text)):
            frame.numeric_until = end.start() if end else len(text)


def _opened(text: str, at: int, frames: list[_Frame]) -> int | None:
    """Note the frame that `$(`, `${`, `$((`, `$'` or a backquote begins or ends; where its inside begins."""
    frame = frames[-1]
    quoted = frame.kind in {"double", "heredoc"} or frame.quoted
    if text[at] == "`":
        if frame.close == "`":
            frames.pop()
        else:
            frames.append(_Frame("bare", "`"))
        return at + 1
    if text.startswith("$((", at) and _computes(text, at + 1):
        frames.append(_Frame("arithmetic", parentheses=2))
        return at + 3
    if text.startswith("$(", at):
        frames.append(_Frame("bare", ")"))
        return at + 2
    if text.startswith("${", at):
        frames.append(_Frame("brace", "}", quoted=quoted, start=at + 2))
        return at + 2
    return None


def _computes(text: str, at: int) -> bool:
    """Whether `((` begins arithmetic: it is closed by two parentheses side by side."""
    depth = 0
    for index in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 1 and text[index] == ")":
            return text.startswith("))", index)
    return False
