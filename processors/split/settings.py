"""Settings of split: none of its own, since the size of a part is the topic's."""

from __future__ import annotations

from processors.runtime.settings import StageSettings
from service.environment import role_config


class SplitSettings(StageSettings):
    """`REELSTREAM_SPLIT_<NAME>` of what every stage has."""

    model_config = role_config("split")
