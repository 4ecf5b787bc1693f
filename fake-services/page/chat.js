// Keeps the page as fresh as the chat, and tells times as the reader's own clock does.
"use strict";

const pause = 1000; // ms between two looks

function localise(root) {
	for (const time of root.querySelectorAll("time")) {
		const at = new Date(time.dateTime);

		time.textContent = at.toLocaleTimeString([], {hour: "2-digit", minute: "2-digit"});
		time.title = at.toLocaleString();
	}
}

function atBottom() {
	return window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 40;
}

function toBottom() {
	window.scrollTo(0, document.documentElement.scrollHeight);
}

// Threads stay folded or open as the reader left them.
function keepThreads(fresh) {
	for (const thread of document.querySelectorAll("details")) {
		const now = fresh.getElementById(thread.id);

		if (now)
			now.open = thread.open;
	}
}

function replace(fresh, name) {
	const old = document.querySelector(name), now = fresh.querySelector(name);

	if (old && now && old.innerHTML !== now.innerHTML)
		old.innerHTML = now.innerHTML;
}

async function look() {
	const selected = window.getSelection();

	if (document.hidden || (selected && !selected.isCollapsed))
		return;
	const answer = await fetch(location.pathname + location.search);
	const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
	const follow = atBottom();

	localise(fresh);
	keepThreads(fresh);
	replace(fresh, "main");
	replace(fresh, ".side ol");
	if (follow)
		toBottom();
}

async function keepLooking() {
	try {
		await look();
	} catch (e) {
		document.title = document.title.replace(/( \(not connected\))?$/, " (not connected)");
		return;
	}
	setTimeout(keepLooking, pause);
}

const marked = document.querySelector(".marked");

localise(document);
if (marked)
	marked.scrollIntoView({block: "center"});
else if (document.body.classList.contains("one"))
	toBottom();
setTimeout(keepLooking, pause);
