"""Generates `types/`, `resources/` and `model/` from botocore's service model: read -> plan -> render -> write.

All decisions of people are in `overlay/*.toml`. The generator does not import the package, and the package does not import
the generator, which is not in the wheel.
"""
