"""Which method when: what is measured of each method, and the tables of `docs/which-method-when.md`."""
