"""settings.toml, environment and secret files, as one typed value; unknown keys are errors."""
