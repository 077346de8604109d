"""What a job may ask for, as `runs-here.md` lists it: which of it has its effect on this machine, the tests say.

A test shows that something works by `@pytest.mark.runs_here("pipelines.if-else")`, and that it does not by
`@pytest.mark.not_here("jobs.automl", "why, and what happens instead")`.
"""

from __future__ import annotations

FEATURES: dict[str, dict[str, str]] = {
    "Commands": {
        "command.code": "`code`: its files in a clean folder, those that `.amlignore` names left out",
        "command.bash": "`command` of several lines, with pipes, `&&` and loops, as bash runs it",
        "command.values": "values with quotes, spaces, newlines, `$()` and `;` reach the script as they are",
        "command.optional": "`$[[…]]` vanishes where an optional input was not given",
        "command.environment-variables": "`environment_variables`",
        "command.exit-code": "a failed command fails the job, with its exit code and the end of its log",
        "command.timeout": "`limits.timeout`",
        "command.cancel": "`jobs.begin_cancel` ends the job with all of its processes",
        "command.log": "`user_logs/std_log.txt` and `jobs.stream`, while it is written",
        "command.artifacts": "what the script writes to `outputs/` and `logs/`, by `jobs.download`",
        "command.pytorch": "`distribution` of type `pytorch`: all processes on this machine",
        "command.mpi": "`distribution` of type `mpi`",
        "command.tensorflow": "`distribution` of type `tensorflow`",
        "command.ray": "`distribution` of type `ray`",
    },
    "Inputs": {
        "inputs.literal": "numbers, texts and booleans",
        "inputs.uri_file": "`uri_file`",
        "inputs.uri_folder": "`uri_folder`",
        "inputs.mltable": "`mltable`",
        "inputs.model": "`custom_model`, `mlflow_model` and `triton_model`",
        "inputs.asset": "registered data and models, by name and version or label",
        "inputs.datastore": "a path in a datastore of the workspace",
        "inputs.web": "a public address",
        "inputs.mount": "modes `ro_mount` and `rw_mount`: a link",
        "inputs.download": "mode `download`: a copy of the job's own",
        "inputs.direct": "mode `direct`: the address",
    },
    "Outputs": {
        "outputs.uri_file": "`uri_file`",
        "outputs.uri_folder": "`uri_folder`",
        "outputs.mltable": "`mltable`",
        "outputs.model": "`custom_model`, `mlflow_model` and `triton_model`",
        "outputs.value": "numbers, texts and booleans, which steer a pipeline",
        "outputs.registered": "`name` and `version`: registered when the job has completed",
        "outputs.path": "`path`: where in a datastore it is to be",
        "outputs.not-written": "an output that was declared and not written fails the job",
        "outputs.outside": "an output that leads out of its folder fails the job",
    },
    "Metrics": {
        "tracking.metrics": "`mlflow.log_metric`, read by `jobs.metrics` while the job runs",
        "tracking.params": "`mlflow.log_param` and `mlflow.set_tag`",
        "tracking.artifacts": "`mlflow.log_artifact`, downloaded with the job's files",
        "tracking.ui": "the store, read by MLflow's own client and its pages",
    },
    "Pipelines": {
        "pipelines.steps": "steps side by side, each as soon as what it needs is there",
        "pipelines.failure": "`continue_on_step_failure`",
        "pipelines.cancel": "`jobs.begin_cancel` of the whole",
        "pipelines.reuse": "unchanged steps take over what they left before, except `is_deterministic: false`",
        "pipelines.force-rerun": "`force_rerun`",
        "pipelines.resume": "after a kill, run again: finished steps are not run a second time",
        "pipelines.nested": "a pipeline as a step",
        "pipelines.if-else": "`if_else`",
        "pipelines.do-while": "`do_while`",
        "pipelines.parallel-for": "`parallel_for`",
    },
    "Sweeps": {
        "sweeps.random": "`random` sampling",
        "sweeps.sobol": "`random` sampling with the rule `sobol`",
        "sweeps.grid": "`grid` sampling",
        "sweeps.bayesian": "`bayesian` sampling",
        "sweeps.distributions": "every distribution of a search space",
        "sweeps.bandit": "early termination by `bandit`",
        "sweeps.median-stopping": "early termination by `median_stopping`",
        "sweeps.truncation-selection": "early termination by `truncation_selection`",
        "sweeps.limits": "`max_total_trials` and `max_concurrent_trials`",
        "sweeps.timeout": "`timeout` and `trial_timeout`",
        "sweeps.best-trial": "the best trial, and its files by `jobs.download`",
        "sweeps.step": "a sweep as a step of a pipeline, which hands on the outputs of its best trial",
    },
    "Parallel jobs": {
        "parallel.files": "mini batches of files",
        "parallel.rows": "mini batches of rows, by `mini_batch_size` in bytes",
        "parallel.processes": "`max_concurrency_per_instance`",
        "parallel.retries": "`retry_settings`: repetitions and the time for a mini batch",
        "parallel.errors": "`error_threshold` and `mini_batch_error_threshold`",
        "parallel.append": "`append_row_to`",
    },
    "Spark": {
        "spark.python": "a Python file, where pyspark and Java are installed",
        "spark.conf": "`conf`, `args`, `py_files`, `jars`, `files` and `archives`",
    },
    "Environments": {
        "environments.current": 'the interpreter of the program that submits (`python="current"`)',
        "environments.built": 'built from the conda file, once for each content (`python="built"`)',
        "environments.container": 'the image, where Docker or Podman is (`python="container"`)',
        "environments.build-context": "an image built from a Dockerfile",
    },
    "Where they run": {
        "executors.processes": "processes of this machine",
        "executors.dask": "workers of a Dask cluster",
    },
    "Other jobs": {
        "jobs.automl": "automated machine learning",
        "jobs.import": "import of data",
        "jobs.data-transfer": "transfer of data",
        "jobs.finetuning": "fine-tuning",
        "jobs.distillation": "distillation",
    },
    "What is about Azure's machines": {
        "azure.services": "`services`: Jupyter, SSH, TensorBoard, VS Code",
        "azure.identity": "`identity`",
        "azure.queue": "`queue_settings`",
        "azure.resources": "`resources.instance_type`, and the size of the compute",
        "azure.docker": "`resources.docker_args` and `resources.shm_size`, but in containers",
    },
}
"""The rows of each table, by the name by which a test marks them."""
