"""What runs Reelstream: manifests, dashboards and the one-machine stack."""
