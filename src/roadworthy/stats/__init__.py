"""Statistics: bounds that hold for the sample at hand, as pure functions on arrays."""
