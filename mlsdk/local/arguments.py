"""Arguments that are written as one text become words of bash: they mean what they say, and nothing in them is run."""

from __future__ import annotations

import re
import shlex

_KEPT = re.compile(r"\$\[\[|\]\]|\$\{\{.*?\}\}", re.DOTALL)
"""Placeholders, and the brackets around what vanishes with an optional input: they are replaced later."""
_FIRST = 0xF0000
"""Where the characters begin that stand for them meanwhile: no text has those, nor does a shell split at them."""
_STANDS_FOR = re.compile(f"([{chr(_FIRST)}-{chr(_FIRST + 0xFFFD)}])")


def bash_words(text: str, name: str = "the text") -> str:
    """`text` for bash, which takes it for just the words into which quotes and spaces part it.

    A value that takes the place of a placeholder later is a part of the word in which that stands.

    >>> bash_words("--name 'a b' --model ${{inputs.model}}/x; rm *")
    "--name 'a b' --model ${{inputs.model}}'/x;' rm '*'"

    Raises
    ------
    ValueError
        A quote is opened and not closed; `name` says in which field.
    """
    kept = _KEPT.findall(text)
    places = iter(range(_FIRST, _FIRST + len(kept)))
    try:
        words = shlex.split(_KEPT.sub(lambda _: chr(next(places)), text))
    except ValueError as error:
        message = f"{name} opens a quote that it does not close: {text}"
        raise ValueError(message) from error
    return " ".join(_word(word, kept) for word in words)


def _word(word: str, kept: list[str]) -> str:
    parts = filter(None, _STANDS_FOR.split(word))
    written = [kept[ord(part) - _FIRST] if _STANDS_FOR.fullmatch(part) else shlex.quote(part) for part in parts]
    return "".join(written) or "''"
