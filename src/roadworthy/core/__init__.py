"""Ground floor: errors with a place and a remedy, digests, the clock, strict YAML."""
