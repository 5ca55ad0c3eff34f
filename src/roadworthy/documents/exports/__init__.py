"""Exports of a verdict to formats of other tools, one file each; each says what it drops."""
