const replies = document.getElementById("replies");
const text = document.getElementById("reply-text");

document.getElementById("reply").addEventListener("submit", (event) => {
  event.preventDefault();
  const reply = document.createElement("li");
  const who = document.createElement("strong");
  who.textContent = "You";
  reply.append(who, ` ${text.value}`);
  replies.append(reply);
  text.value = "";
});
