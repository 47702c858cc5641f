"""Generates `types/`, `resources/` and `model/` from botocore's service model: read -> plan -> render -> write.

Every decision that a person makes stands in `overlay/*.toml`. Nothing here imports the package, and the package imports
nothing of this; it is not in the wheel.
"""
