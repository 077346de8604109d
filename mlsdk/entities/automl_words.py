"""The words of AutoML under their official names.

Every one is a text too: where a parameter takes `ClassificationPrimaryMetrics.ACCURACY`, it takes `"accuracy"` as well.
"""

from __future__ import annotations

from enum import Enum

from mlsdk.constants import _AnyCase


class BlockedTransformers(str, Enum, metaclass=_AnyCase):
    """Transformers that featurization may be told to leave out."""

    CAT_TARGET_ENCODER = "CatTargetEncoder"
    COUNT_VECTORIZER = "CountVectorizer"
    HASH_ONE_HOT_ENCODER = "HashOneHotEncoder"
    LABEL_ENCODER = "LabelEncoder"
    NAIVE_BAYES = "NaiveBayes"
    ONE_HOT_ENCODER = "OneHotEncoder"
    TEXT_TARGET_ENCODER = "TextTargetEncoder"
    TF_IDF = "TfIdf"
    WORD_EMBEDDING = "WordEmbedding"
    WO_E_TARGET_ENCODER = "WoETargetEncoder"


class ClassificationModels(str, Enum, metaclass=_AnyCase):
    """Algorithms that AutoML trains to classify tables."""

    BERNOULLI_NAIVE_BAYES = "BernoulliNaiveBayes"
    DECISION_TREE = "DecisionTree"
    EXTREME_RANDOM_TREES = "ExtremeRandomTrees"
    GRADIENT_BOOSTING = "GradientBoosting"
    KNN = "KNN"
    LIGHT_GBM = "LightGBM"
    LINEAR_SVM = "LinearSVM"
    LOGISTIC_REGRESSION = "LogisticRegression"
    MULTINOMIAL_NAIVE_BAYES = "MultinomialNaiveBayes"
    RANDOM_FOREST = "RandomForest"
    SGD = "SGD"
    SVM = "SVM"
    XG_BOOST_CLASSIFIER = "XGBoostClassifier"


class ClassificationMultilabelPrimaryMetrics(str, Enum, metaclass=_AnyCase):
    """What is optimised where an item may have several classes."""

    ACCURACY = "Accuracy"
    AUC_WEIGHTED = "AUCWeighted"
    AVERAGE_PRECISION_SCORE_WEIGHTED = "AveragePrecisionScoreWeighted"
    IOU = "IOU"
    NORM_MACRO_RECALL = "NormMacroRecall"
    PRECISION_SCORE_WEIGHTED = "PrecisionScoreWeighted"


class ClassificationPrimaryMetrics(str, Enum, metaclass=_AnyCase):
    """What is optimised where an item has one class."""

    ACCURACY = "Accuracy"
    AUC_WEIGHTED = "AUCWeighted"
    AVERAGE_PRECISION_SCORE_WEIGHTED = "AveragePrecisionScoreWeighted"
    NORM_MACRO_RECALL = "NormMacroRecall"
    PRECISION_SCORE_WEIGHTED = "PrecisionScoreWeighted"


class FeaturizationMode(str, Enum, metaclass=_AnyCase):
    """How columns are made into features."""

    AUTO = "Auto"
    CUSTOM = "Custom"
    OFF = "Off"


class ForecastHorizonMode(str, Enum, metaclass=_AnyCase):
    """Whether the horizon of a forecast is found or said."""

    AUTO = "Auto"
    CUSTOM = "Custom"


class ForecastingModels(str, Enum, metaclass=_AnyCase):
    """Algorithms that AutoML trains to forecast time series."""

    ARIMAX = "Arimax"
    AUTO_ARIMA = "AutoArima"
    AVERAGE = "Average"
    DECISION_TREE = "DecisionTree"
    ELASTIC_NET = "ElasticNet"
    EXPONENTIAL_SMOOTHING = "ExponentialSmoothing"
    EXTREME_RANDOM_TREES = "ExtremeRandomTrees"
    GRADIENT_BOOSTING = "GradientBoosting"
    KNN = "KNN"
    LASSO_LARS = "LassoLars"
    LIGHT_GBM = "LightGBM"
    NAIVE = "Naive"
    PROPHET = "Prophet"
    RANDOM_FOREST = "RandomForest"
    SEASONAL_AVERAGE = "SeasonalAverage"
    SEASONAL_NAIVE = "SeasonalNaive"
    SGD = "SGD"
    TCN_FORECASTER = "TCNForecaster"
    XG_BOOST_REGRESSOR = "XGBoostRegressor"


class ForecastingPrimaryMetrics(str, Enum, metaclass=_AnyCase):
    """What is optimised in forecasting."""

    NORMALIZED_MEAN_ABSOLUTE_ERROR = "NormalizedMeanAbsoluteError"
    NORMALIZED_ROOT_MEAN_SQUARED_ERROR = "NormalizedRootMeanSquaredError"
    R2_SCORE = "R2Score"
    SPEARMAN_CORRELATION = "SpearmanCorrelation"


class InstanceSegmentationPrimaryMetrics(str, Enum, metaclass=_AnyCase):
    """What is optimised in finding the outlines of objects."""

    MEAN_AVERAGE_PRECISION = "MeanAveragePrecision"


class LearningRateScheduler(str, Enum, metaclass=_AnyCase):
    """How the learning rate of an AutoML image job falls."""

    NONE = "None"
    STEP = "Step"
    WARMUP_COSINE = "WarmupCosine"


class LogTrainingMetrics(str, Enum, metaclass=_AnyCase):
    """Whether metrics of the training data are logged."""

    DISABLE = "Disable"
    ENABLE = "Enable"


class LogValidationLoss(str, Enum, metaclass=_AnyCase):
    """Whether the loss of the validation data is logged."""

    DISABLE = "Disable"
    ENABLE = "Enable"


class NCrossValidationsMode(str, Enum, metaclass=_AnyCase):
    """Whether the number of folds is found or said."""

    AUTO = "Auto"
    CUSTOM = "Custom"


class ObjectDetectionPrimaryMetrics(str, Enum, metaclass=_AnyCase):
    """What is optimised in finding objects."""

    MEAN_AVERAGE_PRECISION = "MeanAveragePrecision"


class RegressionModels(str, Enum, metaclass=_AnyCase):
    """Algorithms that AutoML trains for regression."""

    DECISION_TREE = "DecisionTree"
    ELASTIC_NET = "ElasticNet"
    EXTREME_RANDOM_TREES = "ExtremeRandomTrees"
    GRADIENT_BOOSTING = "GradientBoosting"
    KNN = "KNN"
    LASSO_LARS = "LassoLars"
    LIGHT_GBM = "LightGBM"
    RANDOM_FOREST = "RandomForest"
    SGD = "SGD"
    XG_BOOST_REGRESSOR = "XGBoostRegressor"


class RegressionPrimaryMetrics(str, Enum, metaclass=_AnyCase):
    """What is optimised in regression."""

    NORMALIZED_MEAN_ABSOLUTE_ERROR = "NormalizedMeanAbsoluteError"
    NORMALIZED_ROOT_MEAN_SQUARED_ERROR = "NormalizedRootMeanSquaredError"
    R2_SCORE = "R2Score"
    SPEARMAN_CORRELATION = "SpearmanCorrelation"


class SamplingAlgorithmType(str, Enum, metaclass=_AnyCase):
    """How the next hyperparameters of an AutoML sweep are drawn."""

    BAYESIAN = "Bayesian"
    GRID = "Grid"
    RANDOM = "Random"


class ShortSeriesHandlingConfiguration(str, Enum, metaclass=_AnyCase):
    """What becomes of time series that are too short."""

    AUTO = "Auto"
    DROP = "Drop"
    NONE = "None"
    PAD = "Pad"


class StochasticOptimizer(str, Enum, metaclass=_AnyCase):
    """What fits the weights of an image model."""

    ADAM = "Adam"
    ADAMW = "Adamw"
    NONE = "None"
    SGD = "Sgd"


class TargetAggregationFunction(str, Enum, metaclass=_AnyCase):
    """How the values of one period of a time series are made one."""

    MAX = "Max"
    MEAN = "Mean"
    MIN = "Min"
    NONE = "None"
    SUM = "Sum"


class TargetLagsMode(str, Enum, metaclass=_AnyCase):
    """Whether the lags of the target are found or said."""

    AUTO = "Auto"
    CUSTOM = "Custom"


class TargetRollingWindowSizeMode(str, Enum, metaclass=_AnyCase):
    """Whether the window over past values of the target is found or said."""

    AUTO = "Auto"
    CUSTOM = "Custom"


class UseStl(str, Enum, metaclass=_AnyCase):
    """Which parts of a time series are taken apart."""

    NONE = "None"
    SEASON = "Season"
    SEASON_TREND = "SeasonTrend"


class ValidationMetricType(str, Enum, metaclass=_AnyCase):
    """How object detection is judged on the validation data."""

    COCO = "Coco"
    COCO_VOC = "CocoVoc"
    NONE = "None"
    VOC = "Voc"
