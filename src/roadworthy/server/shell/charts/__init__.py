"""Charts, drawn on the server: places by attributes, colours by classes, words for who cannot see them."""
