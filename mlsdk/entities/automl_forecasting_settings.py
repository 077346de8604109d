"""What AutoML is told of time series."""

from __future__ import annotations

from typing import Union

from mlsdk.entities import automl_words as words
from mlsdk.entities.automl_values import (
    AUTO_OR_VALUE,
    AUTO_OR_VALUES,
    LIST,
    Aggregation,
    AutoOrWhole,
    FeatureLags,
    Lags,
    ShortSeries,
    Stl,
    Whole,
    lower_form,
)
from mlsdk.schema.fields import Codec, Entity, entity, wire
from mlsdk.schema.mappings import Field

_AUTO = Codec(lambda value: value, lambda value: value.lower() if isinstance(value, str) else value)
"""The word `auto` in files, in any case."""


@entity
class ForecastingSettings(Entity):
    """What AutoML is told of time series: `ForecastingSettings(time_column_name="date", forecast_horizon=14)`."""

    country_or_region_for_holidays: str | None = wire("countryOrRegionForHolidays", default=None)
    """Whose holidays are features, in two letters: `US`."""
    cv_step_size: Whole = wire("cvStepSize", default=None)
    """How many periods lie between the origins of two folds."""
    forecast_horizon: AutoOrWhole = wire("forecastHorizon", default=None, codec=AUTO_OR_VALUE, file_codec=_AUTO)
    """How many periods are forecast: a number, or `auto`."""
    target_lags: Lags = wire("targetLags", default=None, codec=AUTO_OR_VALUES, file_codec=_AUTO)
    """How many periods the target lags behind, as a feature: numbers, or `auto`."""
    target_rolling_window_size: AutoOrWhole = wire(
        "targetRollingWindowSize", default=None, codec=AUTO_OR_VALUE, file_codec=_AUTO
    )
    """How many past periods are averaged, as a feature: a number, or `auto`."""
    frequency: str | None = wire("frequency", default=None)
    """The period, as pandas writes it: `D`, `W-SUN`."""
    feature_lags: Field[FeatureLags | None, str | None] = wire(
        "featureLags", default=None, file_codec=lower_form(("none", "auto"))
    )
    """Whether other columns lag behind too: `auto` or `none`."""
    seasonality: AutoOrWhole = wire("seasonality", default=None, codec=AUTO_OR_VALUE, file_codec=_AUTO)
    """After how many periods a season comes again: a number, or `auto`."""
    use_stl: Field[Stl | None, str | None] = wire("useStl", default=None, file_codec=lower_form(words.UseStl))
    """What is taken apart: `season`, `seasontrend` (with the trend), or `none`."""
    short_series_handling_config: Field[ShortSeries | None, str | None] = wire(
        "shortSeriesHandlingConfig", default=None, file_codec=lower_form(words.ShortSeriesHandlingConfiguration)
    )
    """What becomes of series that are too short: `auto`, `pad`, `drop` or `none`."""
    target_aggregate_function: Field[Aggregation | None, str | None] = wire(
        "targetAggregateFunction", default=None, file_codec=lower_form(words.TargetAggregationFunction)
    )
    """How the values of one period are made one: `sum`, `max`, `min`, `mean` or `none`."""
    time_column_name: str | None = wire("timeColumnName", default=None)
    time_series_id_column_names: Union[list[str], str, None] = wire("timeSeriesIdColumnNames", default=None, codec=LIST)
    """The columns by which series are told apart."""
    features_unknown_at_forecast_time: Union[list[str], str, None] = wire(
        "featuresUnknownAtForecastTime", default=None, codec=LIST
    )
    """Columns that are known of the past only."""
