"""The library beside boto3, where the two meet their surroundings.

A scenario (`scenario.py`, `scenarios/`) is data: variables, files, arguments, answers. `observe.py` runs it along one road,
boto3's own or one of ours (`roads.py`), in a world of its own (`world.py`) and notes what went out and what came back.
`compare.py` says what differs. `docs/_data/differences.toml` lists what is meant to differ, `known_faults.py` what is not
and does.
"""
