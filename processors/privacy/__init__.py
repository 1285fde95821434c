"""Stage `privacy`: nothing a rule forbids passes, and what passes still plays."""
