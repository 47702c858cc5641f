"""Imports every public module of the installed wheel, and prints how many; run with the Python that has it.

A module that needs an extra which is not installed says which one.
"""

import importlib
import pkgutil
import sys

import sagemaker_typed

EXTRAS = {"libcst": "migrate", "griffe": "changes", "griffelib": "changes", "aiohttp": "async"}
"""The packages of extras that are not installed here."""


def main() -> None:
    assert "site-packages" in sagemaker_typed.__file__, sagemaker_typed.__file__
    found, lacking = 0, []
    for module in pkgutil.walk_packages(sagemaker_typed.__path__, "sagemaker_typed."):
        if module.name.endswith("__main__"):
            continue
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] not in EXTRAS:
                raise
            lacking.append(f"{module.name} (extra {EXTRAS[error.name.partition('.')[0]]})")
        found += 1
    for name in sagemaker_typed.__all__:
        assert getattr(sagemaker_typed, name) is not None
    assert found > 300, found
    print(f"{found} modules on Python {sys.version.split()[0]}; without their extra: {', '.join(lacking) or 'none'}")


main()
