"""Models that several folders of tests ask."""
