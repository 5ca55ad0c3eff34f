"""The version of this program; it is part of every measurement and verdict."""

VERSION = "0.1.0"
