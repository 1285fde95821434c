"""`python -m bench.privacy`: how fast the enforcer is on real recordings, beside reading and writing them alone."""
