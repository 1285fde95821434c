// `/config.js` comes from the server of this site and says where the gateway is.
const { gateway, writeKey } = window.REELSTREAM_DEMO;

// With ?privacy=off the browser hides nothing, so that one can see what the server removes by itself.
const privacyOff = new URLSearchParams(location.search).get("privacy") === "off";

const script = document.createElement("script");
script.src = `${gateway}/record.js`;
if (!privacyOff) script.dataset.key = writeKey;
script.addEventListener("load", () => {
  if (privacyOff) {
    window.reelstream.start({
      key: writeKey,
      rrweb: {
        blockClass: "blocks-nothing",
        maskTextClass: "masks-nothing",
        ignoreClass: "ignores-nothing",
        maskInputOptions: { password: false },
      },
    });
  }
  document.getElementById("session").textContent = window.reelstream.sessionId() ?? "not recorded";
});
document.head.append(script);

for (const link of document.querySelectorAll("a[href$='.html']")) link.search = location.search;
