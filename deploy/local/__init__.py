"""The one-machine stack: every part of Reelstream on one computer, started by `python -m deploy.local up`."""
