"""Small faults put into the core, one at a time, to see whether a test notices. `make mutants` runs a sample of them.

    make mutants                     # 200 of them, another sample each time; prints the seed
    make mutants SEED=7 SAMPLE=50    # those of seed 7
    make mutants SEED=7 MUTANTS=--survivors    # those that nothing noticed the last time
    make mutants SEED=7 MUTANTS='--depth 1'    # quick, and strict: only with the tests that are likely to notice

The first run records which tests run which lines, and keeps that in `.cache/mutants`: of each file of tests until it
changes, of all of them until a source does. Each mutant is then tried in a copy of the tree, with three stages of tests: some
that run its line and little else, then others that run it, as many as there is time for. A default or a table is tried with
the tests of what uses it. A mutant is noticed when a test fails or does not end that holds on the sources as they are. Results
are written one by one, and a run that was interrupted goes on where it was. What nothing could notice is listed in
`equivalent.toml`, each with its reason, and is not counted. The command prints the survivors, and fails where fewer than 92%
were noticed.
"""
