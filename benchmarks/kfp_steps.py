"""Steps of kfp.local, timed in a Python that has kfp: each line of the input names a kind of step, its seconds are the answer.

python benchmarks/kfp_steps.py
"""

import contextlib
import sys
import warnings
from time import perf_counter

DEFAULT, NOTHING_INSTALLED = "as a component is by default", "with nothing installed first"


def step():  # type: ignore[no-untyped-def]  # noqa: ANN201 - kfp reads annotations as types of outputs
    """Do nothing."""


def main() -> None:
    """Run the steps that the lines of the standard input ask for."""
    answers = sys.stdout
    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(sys.stderr):
        from kfp import dsl, local

        local.init(runner=local.SubprocessRunner(use_venv=False))
        steps = {DEFAULT: dsl.component(step), NOTHING_INSTALLED: dsl.component(step, install_kfp_package=False)}
        for line in sys.stdin:
            begin = perf_counter()
            steps[line.strip()]()
            print(perf_counter() - begin, file=answers, flush=True)


if __name__ == "__main__":
    main()
