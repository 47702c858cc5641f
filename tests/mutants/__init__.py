"""Small faults put into the core, one at a time, to see whether a test notices. `make mutants` runs a sample of them.

    make mutants                     # 200 of them, another sample each time; prints the seed
    make mutants SEED=7 SAMPLE=50    # those of seed 7
    make mutants SEED=7 MUTANTS=--survivors    # those that nothing noticed the last time

The first run records which tests run which lines, and keeps that in `.cache/mutants` until a source or a test changes. Each
mutant is then tried in a copy of the tree: first the tests that run its line and little else, then the others that run it. It
is noticed when one fails or does not end. What nothing could notice is listed in `equivalent.toml`, each with its reason. The
command prints the survivors, and fails where fewer than 92% were noticed.
"""
