"""Spark behind EMR's APIs: what a run resolves to, and the drivers that carry it out."""
