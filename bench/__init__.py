"""`python -m bench`: how fast every part is on this machine, each beside a bare loop over the same records."""
