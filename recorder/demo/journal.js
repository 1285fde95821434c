const replies = document.getElementById("replies");
const text = document.getElementById("reply-text");

document.getElementById("reply").addEventListener("submit", (event) => {
  event.preventDefault();
  const reply = document.createElement("li");
  const who = document.createElement("strong");
  who.textContent = "You";
  // What somebody wrote is text of the page from here on, so the page has to mark it.
  const words = document.createElement("span");
  words.className = "rr-mask";
  words.textContent = text.value;
  reply.append(who, " ", words);
  replies.append(reply);
  text.value = "";
});
