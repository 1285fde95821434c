"""What is blocked, masked and refused, as a value."""

from __future__ import annotations

from dataclasses import dataclass

CONSOLE_PLUGIN = "rrweb/console@1"
NETWORK_PLUGIN = "rrweb/network@1"
WEBRTC_PLUGIN = "rrweb/canvas-webrtc@1"


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one project.

    `block_class`, `mask_class` and `ignore_class` are single class tokens; empty matches nothing. `always` switches
    the rules no project may do without: passwords, one-time codes and card numbers masked; comments, hidden inputs,
    `<noscript>` and most `<meta>` emptied; `srcdoc`, event handlers and nonces removed. `strip_urls` cuts query,
    fragment and userinfo off every URL attribute and off the page's address. Events of `denied_plugins` are dropped;
    the console plugin also stands for rrweb's old Log source. `version` is ASCII and goes into every recording.
    """

    version: str
    block_class: str
    mask_class: str
    ignore_class: str
    always: bool
    strip_urls: bool
    denied_plugins: frozenset[str]


# Class names are the defaults of npm rrweb 2.2; console and network carry text no rule of ours has looked at, and
# canvas-webrtc carries addresses of the visitor's network.
BUILT_IN = Policy(
    version="built-in.1",
    block_class="rr-block",
    mask_class="rr-mask",
    ignore_class="rr-ignore",
    always=True,
    strip_urls=True,
    denied_plugins=frozenset({CONSOLE_PLUGIN, NETWORK_PLUGIN, WEBRTC_PLUGIN}),
)
