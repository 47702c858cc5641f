"""The version of the library; `make update` sets it."""

__all__ = ["__version__"]

__version__ = "0.2.0"
