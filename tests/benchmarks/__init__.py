"""Speed, memory and bytes against the bare torch limit and against the peers; `python -m tests.benchmarks`."""
