"""What a garak report says of its run: version, model, threshold, and the models that detectors use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

DEFAULT_THRESHOLD = 0.5
"""garak's own (`run.eval_threshold`); reports up to 0.17 leave numbers with a fraction out of the setup."""
_JUDGE = ("detector_model_name", "detector_path", "detector_hf_path")
"""Parameters of a detector that name the model which it asks."""
_JUDGES = ("judge.",)
"""Modules whose detectors ask a model."""


@dataclass(frozen=True)
class GarakSetup:
    """The entries before the attempts."""

    said: Mapping[str, Any]
    """The entry `start_run setup`."""
    version: str | None = None
    plugins: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Probes and detectors by their names, such as `probes.test.Test`, with their parameters."""

    def with_version(self, version: Any) -> GarakSetup:
        """Add the version of the entry `init`."""
        return replace(self, version=version if isinstance(version, str) else None)

    def with_plugins(self, cache: Any) -> GarakSetup:
        """Add the probes and detectors of an entry `plugin_cache`; there is one for each probe."""
        found = dict(self.plugins)
        for group in ("probes", "detectors"):
            plugins = cache.get(group) if isinstance(cache, dict) else None
            if isinstance(plugins, dict):
                found |= {name: value for name, value in plugins.items() if isinstance(value, dict)}
        return replace(self, plugins=found)

    @property
    def model(self) -> str | None:
        """Return the name of the target; None for one that has no name."""
        return str(self.said.get("plugins.target_name") or self.said.get("plugins.model_name") or "") or None

    @property
    def generations(self) -> int:
        """Return how often each prompt was asked."""
        value = self.said.get("run.generations")
        return value if isinstance(value, int) and value > 0 else 1

    @property
    def threshold(self) -> float:
        """Return the score from which on an attack counts as successful."""
        value = self.said.get("run.eval_threshold")
        return float(value) if isinstance(value, int | float) else DEFAULT_THRESHOLD

    def primary_detector(self, probe: str) -> str | None:
        """Return the detector that belongs to a probe."""
        value = self.plugins.get(f"probes.{probe}", {}).get("primary_detector")
        return value if isinstance(value, str) else None

    def is_model_judge(self, detector: str) -> bool:
        """Tell whether a detector asks a model, as far as the report shows it."""
        return detector.startswith(_JUDGES) or self.judge(detector) is not None

    def judge(self, detector: str) -> str | None:
        """Return the model that a detector asks: as configured for it, else by its default."""
        module, _, name = detector.partition(".")
        configured = self.said.get("plugins.detectors")
        of_module = configured.get(module) if isinstance(configured, dict) else None
        of_module = of_module if isinstance(of_module, dict) else {}
        default = self.plugins.get(f"detectors.{detector}", {}).get("DEFAULT_PARAMS")
        for parameters in (of_module.get(name), of_module, default):
            for key in _JUDGE:
                value = parameters.get(key) if isinstance(parameters, dict) else None
                if isinstance(value, str) and value:
                    return value
        return None
