"""The frame of every page: layout, navigation, components, errors."""
