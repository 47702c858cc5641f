"""How Sphinx builds this site: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

from sagemaker_typed import __version__  # noqa: E402

project = "sagemaker_typed"
release = version = __version__
html_title = f"sagemaker_typed {release}"
html_show_copyright = False

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.doctest",
    "docstrings",
    "reference",
    "performance",
    "reliability",
    "history",
    "differences",
    "caught",
    "local_kinds",
    "rules",
]
exclude_patterns = ["_build", "_generated"]
smartquotes = False
myst_enable_extensions = ["attrs_block"]

# A name that leads nowhere is an error, apart from what is not ours or not public.
nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(datetime|decimal|timedelta|os|boto3|botocore|attrs|collections|enum|types)(\..*)?"),
    (
        "py:.*",
        r"(sagemaker_typed\.(\w+\.)*)?"
        r"(_\w+.*|[A-Z](_co)?|Item|Page|TracebackType|Config|InvokeOptions|Runnable|Validation|StateLike|(Async)?Api|Delta)",
    ),
    ("py:obj", ".*"),  # `code` in a docstring becomes a link where it can
]
default_role = "py:obj"

autodoc_default_options = {"member-order": "bysource", "show-inheritance": True}
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
add_module_names = False
python_maximum_signature_line_length = 80
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_use_index = False
html_domain_indices = False
