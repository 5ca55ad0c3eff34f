"""The demo: a plausible portfolio, made by running the real loop on varied declarations."""
