"""`@pipeline` functions, written once for both clients: each takes the names of one of them and gives a pipeline job."""

# ruff: noqa: ANN001, F841 - the inner functions are what users write

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

FUNCTIONS: dict[str, "Callable[[Any], Any]"] = {}


def _case(build: "Callable[[Any], Any]") -> "Callable[[Any], Any]":
    FUNCTIONS[build.__name__.strip("_").replace("_", " ")] = build
    return build


# -- components ------------------------------------------------------------------------------------------------
def train(m: Any, **more: Any) -> Any:
    """A component with inputs of several types."""
    return m.CommandComponent(
        **{
            "name": "train",
            "version": "1",
            "command": "echo ${{inputs.data}} ${{inputs.rate}} ${{outputs.model}}",
            "environment": "e:1",
            "inputs": {
                "data": m.Input(type="uri_folder"),
                "rate": m.Input(type="number", default=0.5),
                "flag": m.Input(type="boolean", optional=True),
                "word": m.Input(type="string", optional=True),
                "count": m.Input(type="integer", optional=True),
            },
            "outputs": {"model": m.Output(type="mlflow_model"), "log": m.Output(type="uri_file", mode="upload")},
            **more,
        }
    )


def score(m: Any) -> Any:
    """A component that takes what the other gives."""
    return m.CommandComponent(
        name="score",
        command="echo ${{inputs.model}}",
        environment="e:1",
        inputs={"model": m.Input(type="mlflow_model"), "data": m.Input(type="uri_folder", optional=True)},
        outputs={"scores": m.Output()},
    )


def _data(m: Any, **more: Any) -> Any:
    return m.Input(**{"type": "uri_folder", "path": "azureml:d:1", **more})


# -- names of steps --------------------------------------------------------------------------------------------
@_case
def _variables(m: Any) -> Any:
    t, s = train(m), score(m)

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)
        second = s(model=first.outputs.model)
        return {"scores": second.outputs.scores}

    return whole(data=_data(m))


@_case
def _without_parentheses(m: Any) -> Any:
    t = train(m)

    @m.pipeline
    def whole(data) -> Any:
        first = t(data=data)

    return whole(_data(m))


@_case
def _loop(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        for rate in (0.1, 0.2, 0.3):
            step = t(data=data, rate=rate)

    return whole(data=_data(m))


@_case
def _loop_after_another(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        train = t(data=data)
        for rate in (0.1, 0.2):
            t(data=data, rate=rate)

    return whole(data=_data(m))


@_case
def _unnamed(m: Any) -> Any:
    t, s = train(m), score(m)

    @m.pipeline()
    def whole(data) -> Any:
        t(data=data)
        t(data=data)
        s(model=t(data=data).outputs.model)

    return whole(data=_data(m))


@_case
def _underscore(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        _ = t(data=data)
        _ = t(data=data, rate=1)

    return whole(data=_data(m))


@_case
def _two_variables_for_one_step(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)
        second = first
        third = t(data=second.outputs.model)

    return whole(data=_data(m))


@_case
def _variable_taken_again(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        step = t(data=data)
        step = t(data=step.outputs.model)
        step = t(data=step.outputs.model)

    return whole(data=_data(m))


@_case
def _explicit_names(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)
        first.name = "begin"
        second = t(data=first.outputs.model)
        second.name = "then_1"

    return whole(data=_data(m))


@_case
def _explicit_name_in_upper_case(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)
        first.name = "Begin"
        second = t(data=first.outputs.model)

    return whole(data=_data(m))


@_case
def _variable_in_upper_case(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        First = t(data=data)  # noqa: N806 - what users write

    return whole(data=_data(m))


@_case
def _explicit_name_twice(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)
        first.name = "same"
        second = t(data=data)
        second.name = "same"

    return whole(data=_data(m))


@_case
def _explicit_name_in_a_loop(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        for index in range(3):
            step = t(data=data)
            step.name = f"step_{index}"

    return whole(data=_data(m))


@_case
def _bad_name(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)
        first.name = "with-dash"

    return whole(data=_data(m))


@_case
def _list_of_steps(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        steps = [t(data=data, rate=rate) for rate in (0.1, 0.2)]

    return whole(data=_data(m))


# -- inputs ----------------------------------------------------------------------------------------------------
@_case
def _defaults_of_every_type(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data, rate=0.3, flag=True, word="w", count=3) -> Any:
        first = t(data=data, rate=rate, flag=flag, word=word, count=count)

    return whole(data=_data(m))


@_case
def _falsy_defaults(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data, rate=0.0, flag=False, word="", count=0) -> Any:
        first = t(data=data, rate=rate, flag=flag, word=word, count=count)

    return whole(data=_data(m))


@_case
def _falsy_values(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data, rate=1.0, flag=True, word="w", count=1) -> Any:
        first = t(data=data, rate=rate, flag=flag, word=word, count=count)
        second = t(data=data, rate=0, flag=False, word="", count=0)

    return whole(data=_data(m), rate=0, flag=False, word="", count=0)


@_case
def _values_in_order(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data, rate: float, word: str) -> Any:
        first = t(data=data, rate=rate, word=word)

    return whole(_data(m), 0.7, word="x")


@_case
def _annotations(m: Any) -> Any:
    t = train(m)

    def whole(data, rate, flag, word, count) -> Any:
        first = t(data=data, rate=rate, flag=flag, word=word, count=count)

    whole.__annotations__ = {"data": m.Input, "rate": float, "flag": bool, "word": str, "count": int}
    return m.pipeline()(whole)(data=_data(m), rate=0.1, flag=True, word="w", count=1)


@_case
def _annotations_with_defaults(m: Any) -> Any:
    t = train(m)

    def whole(data, rate=1, flag=False, word="w", count=2) -> Any:
        first = t(data=data, rate=rate, flag=flag, word=word, count=count)

    whole.__annotations__ = {"data": m.Input, "rate": float, "flag": bool, "word": str, "count": int}
    return m.pipeline()(whole)(data=_data(m))


@_case
def _annotations_that_are_inputs(m: Any) -> Any:
    t = train(m)

    def whole(data, rate, word) -> Any:
        first = t(data=data, rate=rate, word=word)

    whole.__annotations__ = {
        "data": m.Input(type="uri_folder", description="the data", mode="ro_mount"),
        "rate": m.Input(type="number", min=0, max=1, default=0.2),
        "word": m.Input(type="string", optional=True),
    }
    return m.pipeline()(whole)(data=_data(m))


@_case
def _optional_input_is_none(m: Any) -> Any:
    t = train(m)

    def whole(data, word=None) -> Any:
        first = t(data=data, word=word)

    whole.__annotations__ = {"data": m.Input(type="uri_folder"), "word": m.Input(type="string", optional=True)}
    return m.pipeline()(whole)(data=_data(m))


@_case
def _no_value_for_an_input(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data, rate: float) -> Any:
        first = t(data=data, rate=rate)

    return whole(data=_data(m))


@_case
def _unknown_input(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)

    return whole(data=_data(m), nope=1)


@_case
def _unknown_input_of_a_component(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data, nope=1)

    return whole(data=_data(m))


@_case
def _docstring(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data, rate: float = 1.0) -> Any:
        """Trains a model.

        Args:
            data: what it is trained
                with
            rate (float): how fast
        """
        first = t(data=data, rate=rate)

    return whole(data=_data(m))


@_case
def _docstring_of_sphinx(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        """Trains a model.

        :param data: the data
        """
        first = t(data=data)

    return whole(data=_data(m))


@_case
def _plain_parameters(m: Any) -> Any:
    t = train(m)

    @m.pipeline(non_pipeline_inputs=["times", "word"])
    def whole(data, times: int, word: str = "w") -> Any:
        for index in range(times):
            step = t(data=data, word=f"{word}{index}")

    return whole(data=_data(m), times=2)


@_case
def _plain_parameters_by_their_older_name(m: Any) -> Any:
    t = train(m)

    @m.pipeline(non_pipeline_parameters=["times"])
    def whole(data, times: int = 1) -> Any:
        for _ in range(times):
            t(data=data)

    return whole(data=_data(m), times=2)


@_case
def _plain_parameter_that_is_none(m: Any) -> Any:
    @m.pipeline(non_pipeline_inputs=["nope"])
    def whole(data) -> Any:
        pass

    return whole(data=_data(m))


@_case
def _many_parameters(m: Any) -> Any:
    @m.pipeline()
    def whole(data, **more: Any) -> Any:
        pass

    return whole(data=_data(m), rate=1)


@_case
def _data_given_in_every_way(m: Any) -> Any:
    t, s = train(m), score(m)

    @m.pipeline()
    def whole(data) -> Any:
        one = t(data=m.Input(path=data, mode="download"))
        two = t(data=m.Input(type="uri_folder", path="azureml://datastores/s/paths/p"))
        three = s(model=m.Input(type="mlflow_model", path=one.outputs.model, mode="download"))
        four = s(model=m.Input(path=one.outputs.model), data=data)

    return whole(data=_data(m, mode="ro_mount"))


@_case
def _step_given_as_input(m: Any) -> Any:
    s = score(m)
    one_output = train(m, outputs={"model": m.Output(type="mlflow_model")})

    @m.pipeline()
    def whole(data) -> Any:
        first = one_output(data=data)
        second = s(model=first)

    return whole(data=_data(m))


@_case
def _step_with_two_outputs_given_as_input(m: Any) -> Any:
    t, s = train(m), score(m)

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)
        second = s(model=first)

    return whole(data=_data(m))


@_case
def _outputs_by_key(m: Any) -> Any:
    t, s = train(m), score(m)

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)
        second = s(model=first.outputs["model"])
        second.inputs["data"] = first.outputs["log"]

    return whole(data=_data(m))


@_case
def _inputs_set_afterwards(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data, rate: float = 1.0) -> Any:
        first = t(data=data)
        first.inputs.rate = rate
        first.inputs.word = "w"
        first.inputs.flag = False
        first.inputs.count = 0

    return whole(data=_data(m))


# -- outputs ---------------------------------------------------------------------------------------------------
@_case
def _settings_of_outputs(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)
        first.outputs.model.mode = "upload"
        first.outputs.model.path = "azureml://datastores/s/paths/${{name}}"
        first.outputs.log.name = "asset"
        first.outputs.log.version = "3"

    return whole(data=_data(m))


@_case
def _settings_of_returned_outputs(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)
        first.outputs.model.mode = "upload"
        first.outputs.log.path = "azureml://datastores/s/paths/p"
        second = t(data=data)
        second.outputs.model.name = "asset"
        second.outputs.model.version = "1"
        return {
            "model": first.outputs.model,
            "log": first.outputs.log,
            "other": second.outputs.model,
            "plain": second.outputs.log,
        }

    return whole(data=_data(m))


@_case
def _type_of_an_output(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)
        first.outputs.model.type = "custom_model"
        return {"model": first.outputs.model}

    return whole(data=_data(m))


@_case
def _output_replaced(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)
        first.outputs.log = m.Output(type="uri_folder", mode="upload")

    return whole(data=_data(m))


@_case
def _one_output_twice(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)
        return {"a": first.outputs.model, "b": first.outputs.model}

    return whole(data=_data(m))


@_case
def _returned_list(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)
        return [first.outputs.model]

    return whole(data=_data(m))


@_case
def _returned_steps(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)
        return {"model": first}

    return whole(data=_data(m))


@_case
def _outputs_of_the_job(m: Any) -> Any:
    job = FUNCTIONS["variables"](m)
    job.outputs.scores.mode = "upload"
    job.outputs.scores.path = "azureml://datastores/s/paths/p"
    return job


@_case
def _outputs_of_the_job_named(m: Any) -> Any:
    job = FUNCTIONS["variables"](m)
    job.outputs.scores = m.Output(type="uri_file", mode="upload", name="n", version="1")
    return job


@_case
def _outputs_of_the_job_by_key(m: Any) -> Any:
    job = FUNCTIONS["variables"](m)
    job.outputs["scores"].type = "mltable"
    return job


# -- settings --------------------------------------------------------------------------------------------------
@_case
def _settings(m: Any) -> Any:
    t = train(m)

    @m.pipeline(
        name="called",
        version="2",
        display_name="shown",
        description="said",
        experiment_name="x",
        tags={"a": "b"},
        compute="cpu",
        default_compute="other",
        default_datastore="store",
        continue_on_step_failure=False,
        force_rerun=True,
    )
    def whole(data) -> Any:
        """Not this."""
        first = t(data=data)

    return whole(data=_data(m))


@_case
def _older_name_of_the_compute(m: Any) -> Any:
    t = train(m)

    @m.pipeline(default_compute_target="cpu", continue_on_step_failure=True)
    def whole(data) -> Any:
        first = t(data=data)

    return whole(data=_data(m))


@_case
def _serverless(m: Any) -> Any:
    t = train(m)

    @m.pipeline(compute="serverless")
    def whole(data) -> Any:
        first = t(data=data)

    return whole(data=_data(m))


@_case
def _first_and_last_step(m: Any) -> Any:
    t = train(m)

    @m.pipeline(on_init="first", on_finalize="last")
    def whole(data) -> Any:
        first = t(data=data)
        middle = t(data=data)
        last = t(data=data)

    return whole(data=_data(m))


@_case
def _settings_afterwards(m: Any) -> Any:
    job = FUNCTIONS["variables"](m)
    job.settings.default_compute = "cpu"
    job.settings.continue_on_step_failure = False
    job.settings.force_rerun = False
    job.settings.default_datastore = "s"
    job.compute = "other"
    job.experiment_name = "x"
    job.display_name = "shown"
    job.description = "said"
    job.tags = {"a": "b"}
    job.name = "called"
    return job


@_case
def _inputs_of_the_job(m: Any) -> Any:
    job = FUNCTIONS["defaults of every type"](m)
    job.inputs.rate = 0.9
    job.inputs["word"] = ""
    job.inputs.flag = False
    job.inputs.count = 0
    job.inputs.data.mode = "download"
    return job


@_case
def _inputs_of_the_job_replaced(m: Any) -> Any:
    job = FUNCTIONS["variables"](m)
    job.inputs.data = m.Input(type="uri_folder", path="azureml:other:1", mode="ro_mount")
    return job


@_case
def _steps_of_the_job(m: Any) -> Any:
    job = FUNCTIONS["variables"](m)
    job.jobs["first"].compute = "gpu"
    job.jobs["first"].inputs.rate = 0
    job.jobs["second"].outputs.scores.mode = "upload"
    job.jobs["second"].environment_variables = {"A": "b"}
    return job


@_case
def _settings_of_steps(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)
        first.compute = "cpu"
        first.display_name = "shown"
        first.comment = "said"
        first.tags = {"a": "b"}
        first.environment_variables = {"A": "b"}
        first.resources = m.JobResourceConfiguration(instance_count=2, instance_type="s")
        first.distribution = m.MpiDistribution(process_count_per_instance=1)
        first.limits = m.CommandJobLimits(timeout=90)
        first.identity = m.UserIdentityConfiguration()
        first.queue_settings = m.QueueSettings(job_tier="spot")
        first.services = {"lab": m.JupyterLabJobService()}
        second = t(data=data)
        second.set_resources(instance_count=3, shm_size="8g")
        second.set_limits(timeout=30)
        second.environment = "f:1"

    return whole(data=_data(m))


# -- nested ----------------------------------------------------------------------------------------------------
@_case
def _nested(m: Any) -> Any:
    t, s = train(m), score(m)

    @m.pipeline()
    def inner(d, r: float = 0.5) -> Any:
        """Inside."""
        step = t(data=d, rate=r)
        return {"model": step.outputs.model}

    @m.pipeline(default_compute="cpu")
    def outer(data, rate: float = 1.0) -> Any:
        one = inner(d=data, r=rate)
        two = inner(data)
        last = s(model=two.outputs.model, data=data)
        return {"scores": last.outputs.scores, "model": one.outputs.model}

    return outer(data=_data(m))


@_case
def _nested_unnamed(m: Any) -> Any:
    t = train(m)

    @m.pipeline(name="sub", display_name="shown", version="3", tags={"a": "b"})
    def inner(d) -> Any:
        t(data=d)

    @m.pipeline()
    def outer(data) -> Any:
        inner(d=data)
        inner(d=data)

    return outer(data=_data(m))


@_case
def _nested_deep(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def level_0(d, r: float) -> Any:
        step = t(data=d, rate=r)
        return {"o": step.outputs.model}

    @m.pipeline()
    def level_1(d, r: float) -> Any:
        step = level_0(d=d, r=r)
        return {"o": step.outputs.o}

    @m.pipeline()
    def level_2(d, r: float = 2.0) -> Any:
        step = level_1(d=d, r=r)
        again = level_1(d=step.outputs.o, r=3)
        return {"o": again.outputs.o}

    return level_2(d=_data(m))


@_case
def _nested_outputs_set(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def inner(d) -> Any:
        step = t(data=d)
        step.outputs.model.mode = "upload"
        return {"model": step.outputs.model, "log": step.outputs.log}

    @m.pipeline()
    def outer(data) -> Any:
        one = inner(d=data)
        one.outputs.model.path = "azureml://datastores/s/paths/p"
        two = inner(d=data)
        two.outputs.log.name = "asset"
        two.outputs.log.version = "1"
        return {"log": one.outputs.log}

    return outer(data=_data(m))


@_case
def _nested_settings_of_steps(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def inner(d) -> Any:
        step = t(data=d)

    @m.pipeline()
    def outer(data) -> Any:
        one = inner(d=data)
        one.name = "renamed"
        one.display_name = "shown"
        one.tags = {"a": "b"}
        one.comment = "said"

    return outer(data=_data(m))


@_case
def _pipeline_component(m: Any) -> Any:
    made = m.PipelineComponent(
        name="sub",
        version="1",
        inputs={"d": m.Input(type="uri_folder"), "r": m.Input(type="number", default=0.1)},
        outputs={"o": m.Output(type="mlflow_model")},
        jobs={
            "a": m.Command(
                component=train(m),
                name="a",
                inputs={"data": "${{parent.inputs.d}}", "rate": "${{parent.inputs.r}}"},
                outputs={"model": "${{parent.outputs.o}}"},
            )
        },
    )

    @m.pipeline()
    def whole(data) -> Any:
        one = made(d=data)
        two = made(d=one.outputs.o, r=0)
        return {"o": two.outputs.o}

    return whole(data=_data(m))


@_case
def _component_of_a_job(m: Any) -> Any:
    return FUNCTIONS["nested"](m).component


@_case
def _component_of_a_job_with_settings(m: Any) -> Any:
    return FUNCTIONS["settings"](m).component


@_case
def _component_of_falsy_defaults(m: Any) -> Any:
    return FUNCTIONS["falsy defaults"](m).component


# -- steps of other kinds --------------------------------------------------------------------------------------
def _echo(m: Any, **more: Any) -> Any:
    return m.command(
        **{
            "command": "echo ${{inputs.x}} ${{inputs.y}}",
            "environment": "e:1",
            "inputs": {"x": m.Input(type="uri_folder"), "y": 4, "z": True, "t": ""},
            "outputs": {"o": m.Output(type="uri_file", mode="upload"), "p": m.Output()},
            **more,
        }
    )


@_case
def _command_called(m: Any) -> Any:
    echo = _echo(m)

    @m.pipeline()
    def whole(data) -> Any:
        first = echo(x=data)
        second = echo(x=first.outputs.p, y=0)
        third = echo(x=first.outputs.p, y=second.inputs.y if False else 2)
        third.outputs.o.name = "asset"
        return {"o": third.outputs.o}

    return whole(data=_data(m))


@_case
def _command_called_with_settings(m: Any) -> Any:
    echo = _echo(
        m,
        name="echo",
        display_name="shown",
        compute="cpu",
        instance_count=2,
        shm_size="8g",
        timeout=100,
        environment_variables={"A": "b"},
        distribution=m.PyTorchDistribution(process_count_per_instance=2),
        identity=m.AmlTokenConfiguration(),
        services={"s": m.SshJobService(ssh_public_keys="k")},
        job_tier="spot",
        tags={"a": "b"},
    )

    @m.pipeline()
    def whole(data) -> Any:
        first = echo(x=data)
        second = echo(x=data)
        second.compute = "other"
        second.resources.instance_count = 3

    return whole(data=_data(m))


@_case
def _command_within(m: Any) -> Any:
    @m.pipeline()
    def whole(data, rate: float = 1.0) -> Any:
        first = m.command(command="echo ${{inputs.x}} ${{inputs.r}}", environment="e:1", inputs={"x": data, "r": rate})

    return whole(data=_data(m))


@_case
def _step_by_name(m: Any) -> Any:
    @m.pipeline()
    def whole(data) -> Any:
        first = m.Command(component="azureml:train:1", inputs={"data": data, "rate": 0})
        second = m.Command(component="score:2", inputs={"model": first.outputs.model})
        second.outputs.scores.mode = "upload"
        third = m.Command(
            component="azureml://registries/r/components/c/versions/1", inputs={"x": second.outputs.scores}
        )

    return whole(data=_data(m))


@_case
def _registered_component(m: Any) -> Any:
    t = train(m)
    registered = m.load_component(source="registered.yml") if False else train(m, name="other", version="7")

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)
        second = registered(data=data)

    return whole(data=_data(m))


@_case
def _anonymous_component(m: Any) -> Any:
    t = m.CommandComponent(command="echo", environment="e:1", inputs={"data": m.Input(type="uri_folder")})

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)
        t(data=data)

    return whole(data=_data(m))


@_case
def _component_with_settings(m: Any) -> Any:
    t = train(m, distribution={"type": "mpi"}, instance_count=2)

    @m.pipeline()
    def whole(data) -> Any:
        first = t(data=data)
        second = t(data=data)
        second.resources.instance_count = 5

    return whole(data=_data(m))


@_case
def _nothing(m: Any) -> Any:
    @m.pipeline()
    def whole() -> Any:
        pass

    return whole()


@_case
def _called_twice(m: Any) -> Any:
    t = train(m)

    @m.pipeline()
    def whole(data, rate: float = 1.0) -> Any:
        first = t(data=data, rate=rate)
        return {"model": first.outputs.model}

    whole(data=_data(m), rate=5)
    return whole(data=_data(m, path="azureml:x:1"))


@_case
def _branch_in_python(m: Any) -> Any:
    t, s = train(m), score(m)

    @m.pipeline(non_pipeline_inputs=["scored"])
    def whole(data, scored: bool = False) -> Any:
        first = t(data=data)
        if scored:
            second = s(model=first.outputs.model)

    return whole(data=_data(m), scored=True)
