"use strict";

// What users and models wrote is set as text, never as markup; the policy that this page is served with would refuse markup.

const at = id => document.getElementById(id);
const KEY = "rmt.key", HASH = "#document=", MOST_POINTS = 1200, MOST_SCORES = 6, PAGE = 20;

function make(name, className, text) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

// ---- what is said ----

function announce(text) { at("said").textContent = text; }

function tell(error) {
  const problem = at("problem"), close = make("button", "", "Close");
  close.type = "button";
  close.addEventListener("click", () => { problem.hidden = true; at("new").focus(); });
  problem.replaceChildren(make("span", "", error.message), close);
  problem.hidden = false;
}

const percent = score => `${(score * 100).toFixed(1)} %`;
const number = value => value.toLocaleString("en");
const counted = (value, noun) => `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
const time = text => new Date(text).toLocaleString();

// ---- the service ----

class Problem extends Error {
  constructor(status, message) { super(message); this.status = status; }
}

function storedKey() {
  try { return sessionStorage.getItem(KEY); } catch { return null; }
}

let key = storedKey(), refused = false;

async function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (key) headers.Authorization = `Bearer ${key}`;
  let response;
  try {
    response = await fetch(path, { ...options, headers, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "The service cannot be reached. Is it running, and is the network there?");
  }
  if (response.ok) return response;
  if (response.status === 401) askForKey();
  throw new Problem(response.status, await wordsOf(response));
}

// A problem (RFC 9457) in words.
async function wordsOf(response) {
  let title = `The service answered ${response.status}`, detail = "";
  try {
    const problem = await response.json();
    title = problem.title || title;
    detail = problem.detail || "";
  } catch { /* something between here and the service answered */ }
  const wait = response.headers.get("Retry-After");
  return `${title}${detail ? `: ${detail}` : "."}${wait ? ` It may work in ${counted(Number(wait), "second")}.` : ""}`;
}

const answerOf = async (path, options) => (await ask(path, options)).json();
const pathOf = id => `v1/documents/${encodeURIComponent(id)}`;

// ---- the key ----

function askForKey() {
  if (refused) return;
  refused = true;
  at("access").hidden = false;
  at("service").textContent = key ? "The service does not know this key." : "The service asks for a key.";
  announce(at("service").textContent);
  at("key").focus();
}

at("access-form").addEventListener("submit", event => {
  event.preventDefault();
  key = at("key").value.trim();
  try { sessionStorage.setItem(KEY, key); } catch { /* then for as long as this page is open */ }
  at("key").value = "";
  at("problem").hidden = true;
  at("access").hidden = true;
  refused = false;
  at("text").focus();
  void begin();
});

// ---- sending ----

async function post(body) {
  const query = at("model").value ? `?model=${encodeURIComponent(at("model").value)}` : "";
  return (await answerOf(`v1/documents${query}`, { method: "POST", headers: { "Content-Type": "text/plain; charset=utf-8" }, body })).id;
}

async function send(bodies) {
  at("send").disabled = true;
  at("problem").hidden = true;
  let first = null;
  try {
    for (const body of bodies) {
      const id = await post(body);
      announce(`Document ${id} is in the queue`);
      first ??= id;
    }
    at("text").value = "";
    at("file").value = "";
  } catch (error) {
    tell(error);
  } finally {
    at("send").disabled = false;
  }
  if (first !== null) {
    watch(first);
    at("reading").focus();
  }
  void refresh();
}

function submit() {
  if (at("send").disabled) return;
  const files = [...at("file").files], text = at("text").value;
  if (files.length > 0) void send(text.trim() ? [text, ...files] : files);
  else if (text.trim()) void send([text]);
  else {
    tell(new Error("There is no text yet: paste one, or choose a file."));
    at("text").focus();
  }
}

at("document-form").addEventListener("submit", event => { event.preventDefault(); submit(); });
at("text").addEventListener("keydown", event => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); submit(); }
});

const carriesFiles = event => [...event.dataTransfer.types].includes("Files");
document.addEventListener("dragover", event => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  document.body.classList.add("dropping");
});
document.addEventListener("dragleave", event => { if (!event.relatedTarget) document.body.classList.remove("dropping"); });
document.addEventListener("drop", event => {
  document.body.classList.remove("dropping");
  if (!carriesFiles(event)) return;
  event.preventDefault();
  void send([...event.dataTransfer.files]);
});

// ---- server-sent events, by fetch: an EventSource sends no key ----

async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  while (true) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const event = { name: "", id: null, data: "" };
      for (const line of block.split("\n")) {
        if (line.startsWith("event: ")) event.name = line.slice(7);
        else if (line.startsWith("id: ")) event.id = line.slice(4);
        else if (line.startsWith("data: ")) event.data += line.slice(6);
      }
      if (event.name) yield { ...event, data: JSON.parse(event.data) };
    }
  }
}

const sleep = (milliseconds, signal) => new Promise((resolve, reject) => {
  const timer = setTimeout(resolve, milliseconds);
  signal.addEventListener("abort", () => { clearTimeout(timer); reject(new DOMException("", "AbortError")); }, { once: true });
});

// ---- a document being read ----

let watching = null;

function watch(id) {
  watching?.ending.abort();
  watching = { id, ending: new AbortController(), run: null, last: null, points: [], read: 0, segments: null, quarter: 0, isFinished: false, drawn: false };
  history.replaceState(null, "", HASH + encodeURIComponent(id));
  at("reading-none").hidden = true;
  at("reading-some").hidden = false;
  at("reading-id").textContent = id;
  showStatus("queued");
  at("answer-label").textContent = at("answer-score").textContent = at("answer-kind").textContent = at("facts").textContent = "";
  showProgress(watching);
  draw(watching);
  for (const button of document.querySelectorAll(".documents .id")) mark(button);
  void listen(watching);
}

function stopWatching() {
  watching?.ending.abort();
  watching = null;
  history.replaceState(null, "", location.pathname + location.search);
  at("reading-none").hidden = false;
  at("reading-some").hidden = true;
}

async function listen(on) {
  const signal = on.ending.signal;
  for (let wait = 500; !on.isFinished; wait = Math.min(2 * wait, 10000)) {
    try {
      const headers = on.last === null ? {} : { "Last-Event-ID": on.last };
      for await (const event of eventsOf(await ask(`${pathOf(on.id)}/events`, { headers, signal }))) {
        wait = 500;
        take(on, event);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 401) return;
      if (error.status === 404) { tell(error); stopWatching(); return; }
      announce("The connection was lost and is being made again");
    }
    if (on.isFinished) break;
    try { await sleep(wait, signal); } catch { return; }
  }
  void refresh();
}

function take(on, { name, id, data }) {
  if (name !== "segment") {
    takeDocument(on, data, name === "finished");
    return;
  }
  const run = id.split(".")[0];
  if (on.run !== run) Object.assign(on, { run, points: [], quarter: 0 });      // requeued: from its beginning
  Object.assign(on, { last: id, read: data.segment, segments: data.segments, prediction: data });
  on.points.push({ segment: data.segment, scores: data.scores });
  if (on.points.length > MOST_POINTS) on.points = on.points.filter((_, i) => i % 2 === 1);
  const quarter = data.segments ? Math.floor(4 * data.segment / data.segments) : 0;
  if (quarter > on.quarter && quarter < 4) announce(`${25 * quarter} per cent read; ${data.label} so far`);
  on.quarter = quarter;
  if (on.isToBeDrawn) return;
  on.isToBeDrawn = true;
  requestAnimationFrame(() => {
    on.isToBeDrawn = false;
    if (watching !== on) return;
    if (!on.isFinished) showPrediction(on.prediction);
    showProgress(on);
    draw(on);
  });
}

function showPrediction(prediction) {
  showStatus("running");
  at("answer-label").textContent = prediction.label;
  at("answer-score").textContent = percent(prediction.score);
  at("answer-kind").textContent = prediction.trained_on_every_segment
    ? `Running prediction, after segment ${number(prediction.segment)}.`
    : `Running prediction, after segment ${number(prediction.segment)}. This model was not trained to answer after every segment: before the end it may mean little.`;
}

function takeDocument(on, document, isFinished) {
  Object.assign(on, { isFinished, segments: document.segments ?? on.segments, read: Math.max(document.segments_read ?? 0, isFinished ? on.read : 0) });
  showStatus(document.status);
  if (isFinished) {
    const isDone = document.status === "done";
    at("answer-label").textContent = isDone ? document.label : document.status === "failed" ? "It could not be read" : "No answer";
    at("answer-score").textContent = isDone ? percent(document.score) : "";
    at("answer-kind").textContent = isDone ? `The answer, after ${counted(document.segments_read, "segment")}.` : document.error ?? "It was cancelled.";
    if (isDone) on.prediction = { scores: document.scores };
    announce(isDone ? `Document ${on.id} is ${document.label}, ${percent(document.score)}` : `Document ${on.id}: ${document.status}`);
  }
  at("facts").textContent = factsOf(document);
  showProgress(on);
  draw(on);
}

function factsOf(document) {
  const facts = [`Model ${document.model}`];
  // How far it is, the progress says.
  if (document.tokens_total !== undefined && document.tokens_total !== null)
    facts.push(document.finished_at ? `${number(document.tokens_read ?? 0)} of ${counted(document.tokens_total, "token")} read` : counted(document.tokens_total, "token"));
  if (document.truncated) facts.push("truncated, as was asked for");
  facts.push(`came ${time(document.queued_at)}`);
  if (document.finished_at) facts.push(`finished ${time(document.finished_at)}`);
  return `${facts.join(" · ")}.`;
}

function showStatus(status) {
  at("reading-status").textContent = status;
  at("reading-status").className = `status ${status}`;
}

function showProgress(on) {
  at("progress-text").hidden = at("progress").hidden = on.isFinished && on.read === 0;      // it waits no more
  at("progress-text").textContent = on.segments ? `Segment ${number(on.read)} of ${number(on.segments)}` : on.read ? `Segment ${number(on.read)}` : "Waiting for its turn";
  at("progress").max = on.segments || 1;
  at("progress").value = on.segments ? on.read : 0;
}

// ---- scores, drawn ----

function draw(on) {
  const chart = at("chart"), scores = on.prediction?.scores ?? {};
  // The labels keep their colours while their scores change places.
  const labels = Object.keys(scores), shown = labels.length <= MOST_SCORES ? labels : labels.toSorted((a, b) => scores[b] - scores[a]).slice(0, MOST_SCORES);
  const half = document.createElementNS(chart.namespaceURI, "line");
  for (const [name, value] of Object.entries({ x1: 0, x2: 600, y1: 80, y2: 80 })) half.setAttribute(name, value);
  const total = Math.max(on.segments ?? 0, on.read, 1);
  chart.replaceChildren(half, ...shown.map((label, i) => {
    const line = document.createElementNS(chart.namespaceURI, "polyline");
    let from = 0;
    line.setAttribute("class", `c${i}`);
    line.setAttribute("points", on.points.map(point => {
      const y = (156 - 152 * (point.scores[label] ?? 0)).toFixed(1), step = `${(600 * from / total).toFixed(1)},${y} ${(600 * point.segment / total).toFixed(1)},${y}`;
      from = point.segment;
      return step;
    }).join(" "));
    return line;
  }));
  chart.classList.toggle("running", !on.isFinished);
  at("drawing").hidden = on.points.length === 0;
  const list = at("scores");
  while (list.children.length > shown.length) list.lastChild.remove();
  shown.forEach((label, i) => {
    const row = list.children[i] ?? list.appendChild(scoreRow(i)), [, name, bar, value] = row.children;
    name.textContent = label;
    bar.firstChild.style.width = percent(scores[label]).replace(" ", "");
    value.textContent = percent(scores[label]);
  });
}

function scoreRow(i) {
  const row = make("li"), bar = make("span", `bar c${i}`), mark = make("span", `key c${i}`);
  mark.ariaHidden = bar.ariaHidden = "true";
  bar.append(make("span"));
  row.append(mark, make("span"), bar, make("span", "number"));
  return row;
}

// ---- lists ----

function mark(button) {
  if (watching?.id === button.textContent) button.setAttribute("aria-current", "true");
  else button.removeAttribute("aria-current");
}

function action(title, id, does) {
  const button = make("button", "", title);
  button.type = "button";
  button.ariaLabel = `${title} ${id}`;
  button.addEventListener("click", async () => {
    button.disabled = true;
    const home = button.closest("section").querySelector("h2");
    try {
      await does();
      announce(`${title}: ${id}, done`);
      await refresh();
    } catch (error) {
      tell(error);
    }
    button.disabled = false;
    if (!button.isConnected) home.focus();
  });
  return button;
}

function rowOf(document) {
  const row = make("li"), top = make("div", "row"), id = make("button", "id", document.id), what = make("p"), why = make("p", "why"), foot = make("div", "row"), doing = make("div", "doing");
  id.type = "button";
  id.title = "Show";
  id.addEventListener("click", () => { watch(document.id); at("reading").focus(); });
  const remove = () => ask(pathOf(document.id), { method: "DELETE" });
  if (document.status === "failed") {
    doing.append(action("Requeue", document.id, async () => {
      await ask(`v1/dead-letters/${encodeURIComponent(document.id)}/requeue`, { method: "POST" });
      watch(document.id);
    }));
  }
  const isWaiting = document.status === "queued" || document.status === "running";
  doing.append(action(isWaiting ? "Cancel" : "Erase", document.id, async () => {
    await remove();
    if (!isWaiting && watching?.id === document.id) stopWatching();
  }));
  top.append(id, make("span"));
  foot.append(make("span", "quiet"), doing);
  row.append(top, what, why, foot);
  row.dataset.id = document.id;
  return row;
}

function fill(row, document) {
  const [top, what, why, foot] = row.children;
  mark(top.firstChild);
  top.lastChild.textContent = document.status;
  top.lastChild.className = `status ${document.status}`;
  what.textContent = document.label !== undefined && document.label !== null ? `${document.label}, ${percent(document.score)}`
    : document.segments ? `Segment ${number(document.segments_read)} of ${number(document.segments)}` : "";
  what.hidden = !what.textContent;
  why.textContent = document.error ?? "";
  why.hidden = !why.textContent;
  foot.firstChild.textContent = time(document.finished_at ?? document.queued_at);
}

// Rows that stay are kept, and with them the focus.
function list(id, { documents, next }, none) {
  const box = at(id), known = new Map([...box.children].map(row => [`${row.dataset.id} ${row.dataset.status}`, row]));
  const rows = documents.map(document => {
    const kind = document.status === "running" ? "queued" : document.status;
    const row = known.get(`${document.id} ${kind}`) ?? rowOf(document);
    row.dataset.status = kind;
    fill(row, document);
    return row;
  });
  for (const row of [...box.children]) if (!rows.includes(row)) row.remove();
  rows.forEach((row, i) => { if (box.children[i] !== row) box.insertBefore(row, box.children[i] ?? null); });
  at(`${id}-note`).textContent = next ? `The first ${PAGE}; there are more.` : none;
  at(`${id}-note`).hidden = rows.length > 0 && !next;
}

const ordered = (status, order) => answerOf(`v1/documents?status=${status}&limit=${PAGE}&order=${order}`);

let refreshing = null;

function refresh() {
  refreshing ??= lists().finally(() => { refreshing = null; });
  return refreshing;
}

async function lists() {
  try {
    const [running, queued, done, failed] = await Promise.all([ordered("running", "oldest"), ordered("queued", "oldest"), ordered("done", "newest"), ordered("failed", "newest")]);
    list("queue", { documents: [...running.documents, ...queued.documents].slice(0, PAGE), next: running.next || queued.next || running.documents.length + queued.documents.length > PAGE }, "No document waits.");
    list("results", { ...done }, "No answers yet.");
    list("letters", { ...failed }, "None: every document could be read.");
    await describe();
  } catch (error) {
    if (error.status !== 401) at("service").textContent = error.message;
  }
}

// ---- the models ----

async function describe() {
  const { models } = await answerOf("v1/models"), loaded = models.filter(model => model.loaded);
  at("service").textContent = loaded.length === 0 ? "The models are being loaded; documents wait until they are."
    : `Ready: ${loaded.map(model => `${model.name}, ${counted(model.labels.length, "label")}, on ${model.device}`).join("; ")}.`;
  const choice = at("model"), names = models.map(model => model.name);
  if ([...choice.options].map(option => option.value).join("\n") !== names.join("\n")) choice.replaceChildren(...names.map(name => new Option(name, name)));
  at("model-choice").hidden = names.length < 2;
}

async function begin() {
  await refresh();
  if (refused) return;
  let id = "";
  try { id = location.hash.startsWith(HASH) ? decodeURIComponent(location.hash.slice(HASH.length)) : ""; } catch { /* no id of ours */ }
  if (watching && !watching.isFinished) watch(watching.id);
  else if (id && !watching) watch(id);
}

(async () => {
  await begin();
  while (true) {
    await new Promise(resolve => setTimeout(resolve, 2000));
    if (!refused && document.visibilityState === "visible") await refresh();
  }
})();
