"""Values reach the script as they are, wherever their placeholder stands, and bash runs nothing that is in them."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlsdk.local.placeholders import PlaceholderError, substitute

if TYPE_CHECKING:
    from pathlib import Path

SHOW = "printf '%s\\0' "
"""A command that prints each of its arguments with a zero byte after it."""

PLACES = {
    "${{inputs.x}}": "{}",
    "${{ inputs.x }}": "{}",
    '"${{inputs.x}}"': "{}",
    "'${{inputs.x}}'": "{}",
    "--x=${{inputs.x}}": "--x={}",
    "prefix/${{inputs.x}}/a": "prefix/{}/a",
    "\"a ${{inputs.x}} b\"'c ${{inputs.x}} d'": "a {} bc {} d",
    "\\${{inputs.x}}": "{}",
    '"\\${{inputs.x}}"': "\\{}",
    "$${{inputs.x}}": "${}",
    '"$${{inputs.x}}"': "${}",
    "'$${{inputs.x}}'": "${}",
    "$'it\\'s ${{inputs.x}}'": "it's {}",
    '"$(printf %s. ${{inputs.x}})"': "{}.",
    '"$(printf %s. "${{inputs.x}}")"': "{}.",
    '"`printf %s. "${{inputs.x}}"`"': "{}.",
    '"$(case a in a) printf %s. ${{inputs.x}};; (b) :;; esac)"': "{}.",
    '"${NOTHING:-${{inputs.x}}}"': "{}",
    "${NOTHING:-${{inputs.x}}}": "{}",
    "${NOTHING:-'${{inputs.x}}'}": "{}",
    "\"it's\" ${{inputs.x}} # don't ${{inputs.x}}\n": "it's\0{}",
    "a\\ #b ${{inputs.x}}": "a #b\0{}",
    "\"print('${{inputs.x}}')\"": "print('{}')",
    "'print(\"${{inputs.x}}\")'": 'print("{}")',
    "${{inputs.x}} ${{inputs.x}}": "{}\0{}",
    "$[[--optional ${{inputs.x}}]]": "--optional\0{}",
    "a $[[--optional ${{inputs.none}}]]": "a",
    "${{inputs.empty}} ${{inputs.x}}": "\0{}",
}
"""Places of a placeholder in a command, and what the script is given there."""

DOCUMENTS = {
    "cat <<END\na ${{inputs.x}} b\nEND": "a {} b\n",
    "cat <<'END'\na ${{inputs.x}} b\nEND\n": "a {} b\n",
    "cat <<\\END\na ${{inputs.x}} b\nEND\n": "a {} b\n",
    "cat <<'ONE' - <<-END\nnot shown\nONE\n\t${{inputs.x}}\n\tEND\n": "{}\n",
    "cat <<-'END'\n\t${{inputs.x}}'\n\tEND\nprintf %s ${{inputs.x}}": "{}'\n{}",
    "cat <<END\n$(printf %s. ${{inputs.x}})\nEND\n": "{}.\n",
    "cat <<<${{inputs.x}}": "{}\n",
    "cat <<END; printf %s ${{inputs.x}}\nit's \"\nEND\n": "it's \"\n{}",
    "if true; then cat <<END\n${{inputs.x}}\nEND\nfi": "{}\n",
    "f() { printf %s ${{inputs.x}}; }; f": "{}",
    "(printf %s ${{inputs.x}})": "{}",
    'y=${{inputs.x}}; printf %s "$y"': "{}",
    'for y in ${{inputs.x}}; do printf %s. "$y"; done': "{}.",
    "case ${{inputs.x}} in '${{inputs.x}}') printf ${{inputs.same}};; *) printf other;; esac": "same",
    "[[ ${{inputs.x}} == ${{inputs.x}} ]] && printf same": "same",
    "[ ${{inputs.x}} = '${{inputs.x}}' ] && printf same": "same",
    "cat < <(printf %s ${{inputs.x}})": "{}",
    "{ printf %s ${{inputs.x}}; } | cat": "{}",
}
"""Commands, and what they print."""

AWKWARD = st.lists(st.sampled_from([*"ab '\"`$\\\n\t;&|<>(){}[]#*?!~=-%é☃", "$(", "${", "END"]), max_size=30).map(
    "".join
)


def run(command: str, value: str, folder: Path | None = None) -> str:
    """What bash prints when it runs a command whose `inputs.x` is a value."""
    known = {"inputs.x": value, "inputs.empty": "", "inputs.same": "same"}
    ready = substitute(command, known, {"inputs.none"})
    ran = subprocess.run(
        ["bash", "-c", ready.text],  # noqa: S607
        env={**os.environ, **ready.variables},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert ran.stderr == b"", (ready.text, ran.stderr)
    return ran.stdout.decode()


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=12)  # each starts a shell
@given(value=AWKWARD)
@example('it\'s; echo "$(echo run)" `echo run` \\')
@example("")
def test_a_value_is_one_word_as_it_is(place: str, value: str) -> None:
    """Quotes, spaces, newlines, `$()` and `;` reach the script unchanged in every place of a command."""
    if "$(" in place or "`" in place:
        value += "."  # bash itself takes newlines off the end of what a command printed
    assert run(SHOW + place, value) == PLACES[place].replace("{}", value) + "\0"


@pytest.mark.parametrize("command", DOCUMENTS)
@settings(max_examples=12)  # each starts a shell
@given(value=AWKWARD)
@example("END\necho run\nEND\n")
@example("$(echo run)")
def test_values_are_safe_in_every_form_of_the_shell(command: str, value: str) -> None:
    """Here-documents, functions, loops, tests and patterns get the value, and run nothing of it."""
    assert run(command, value) == DOCUMENTS[command].replace("{}", value)


@pytest.mark.parametrize(
    "command",
    [
        "echo $(( ${{inputs.x}} + 1 ))",
        "(( ${{inputs.x}} + 1 ))",
        "[[ ${{inputs.x}} -gt 3 ]]",
        "let y=${{inputs.x}}",
        "y[${{inputs.x}}]=1",
        "echo ${y[${{inputs.x}}]}",
        "echo ${PATH:${{inputs.x}}}",
    ],
)
def test_only_numbers_are_let_in_where_bash_computes(command: str, tmp_path: Path) -> None:
    """What bash evaluates could run a command, so a value there that is no number is refused."""
    with pytest.raises(PlaceholderError, match=r"inputs\.x.* no number"):
        substitute(command, {"inputs.x": "a[$(touch run)]"})
    run(command, "7", tmp_path)


def test_arithmetic_computes_with_the_value() -> None:
    """A number is computed with, also beside a subshell that looks alike."""
    assert run("echo $(( (${{inputs.x}} + 1) * 2 ))", "7") == "16\n"
    assert run("echo $((echo ${{inputs.x}}) | cat)", "a;b") == "a;b\n"


def test_an_unknown_placeholder_says_what_there_is() -> None:
    """A mistyped name is answered with the near one."""
    with pytest.raises(PlaceholderError, match=r"\$\{\{inputs\.dta\}\}.*there is \$\{\{inputs\.data\}\}"):
        substitute("python ${{inputs.dta}}", {"inputs.data": "a"})


def test_an_absent_input_says_how_to_leave_it_out() -> None:
    """An optional input that was not given is refused outside of the brackets that make it vanish."""
    with pytest.raises(PlaceholderError, match=r"\$\[\[--flag \$\{\{inputs\.x\}\}\]\]"):
        substitute("python ${{inputs.x}}", {}, {"inputs.x"})


def test_a_command_without_placeholders_stays_as_it_is() -> None:
    """What is no placeholder is bash's business alone."""
    command = "if [[ $a == '$b' ]]; then cat <<X\n$c\nX\nfi"
    assert substitute(command, {"inputs.x": "1"}).text == command


def test_values_are_in_no_representation() -> None:
    """A value that is secret is shown in no error or log."""
    assert "hidden" not in repr(substitute("a ${{inputs.x}}", {"inputs.x": "hidden"}))
