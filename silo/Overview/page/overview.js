/** The cluster: what its processes report, as numbers, lines and tables. */

import { Plot, make } from "./plots.js";
import { showOwner } from "./owner.js";

const STEP = 5, MOST = 720, SILENT = 15, FIVE_MINUTES = 60;
/** From 1-1-1 to 1970, as moments: they are numbered from the year 1 on. */
const EPOCH = 62135596800 / STEP;
const byId = (id) => document.getElementById(id);
let moments = [], heardAt = null, retry = 0;

const count = (value) => Math.round(value).toLocaleString("en");
const rate = (value) => (value >= 100 ? count(value) : value.toLocaleString("en", { maximumFractionDigits: 1 }));
const millis = (seconds) => seconds == null ? "–"
  : seconds >= 1 ? `${seconds.toFixed(1)} s` : `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
const bytes = (value) => {
  const power = Math.min(4, Math.floor(Math.log2(Math.max(1, value)) / 10));
  return `${(value / 1024 ** power).toLocaleString("en", { maximumFractionDigits: 1 })} ${["B", "KB", "MB", "GB", "TB"][power]}`;
};
const span = (seconds) => seconds < 90 ? `${count(seconds)} s` : seconds < 5400 ? `${count(seconds / 60)} min`
  : seconds < 172800 ? `${count(seconds / 3600)} h` : `${count(seconds / 86400)} days`;

const value = (moment, name) => moment.values[name] ?? 0;
const perSecond = (name) => (moment) => value(moment, name) / STEP;

/** What of a metric is there under each tag. */
function* tagged(values, name) {
  for (const [key, number] of Object.entries(values))
    if (key.startsWith(`${name}|`)) yield [key.slice(name.length + 1), number];
}

const perMinute = (...names) => (moment) => {
  let sum = 0;
  for (const name of names) for (const [, number] of tagged(moment.values, name)) sum += number;
  return (sum * 60) / STEP;
};

/** Within the bucket that has it, as if all of its values were spread evenly; null where nothing was measured. */
function quantile(many, name, part) {
  const buckets = new Map();
  for (const moment of many)
    for (const [bound, number] of tagged(moment.values, name)) {
      const edge = bound === "inf" ? Infinity : Number(bound);
      buckets.set(edge, (buckets.get(edge) ?? 0) + number);
    }
  const edges = [...buckets.keys()].sort((a, b) => a - b);
  let rest = part * [...buckets.values()].reduce((sum, number) => sum + number, 0);
  if (rest === 0) return null;
  const bounds = BOUNDS[name];
  for (const edge of edges) {
    const number = buckets.get(edge);
    if (rest <= number || edge === edges.at(-1)) {
      if (edge === Infinity) return bounds.at(-1);
      const low = bounds[bounds.indexOf(edge) - 1] ?? 0;
      return low + (edge - low) * (rest / number);
    }
    rest -= number;
  }
  return null;
}

/** Buckets that are empty are not sent, but where one begins must be known. */
const BOUNDS = {
  "orchestra.commit.duration": [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  "orchestra.push.duration": [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  "orchestra.gateway.device_lag": [0, 1, 10, 100, 1000, 10000, 100000],
};

const latency = (name, part) => (moment) => quantile([moment], name, part);

const plots = [
  new Plot("Written a second", [["commits", perSecond("orchestra.commits")], ["changes", perSecond("orchestra.changes")]], rate),
  new Plot("Commit, from decision to answer", [["p50", latency("orchestra.commit.duration", 0.5)], ["p99", latency("orchestra.commit.duration", 0.99)]], millis),
  new Plot("Push, from arrival to verdicts", [["p50", latency("orchestra.push.duration", 0.5)], ["p99", latency("orchestra.push.duration", 0.99)]], millis),
  new Plot("Connected", [["connections", (m) => value(m, "orchestra.gateway.connections")], ["devices", (m) => value(m, "orchestra.gateway.devices")], ["owners active", (m) => value(m, "orchestra.owners")]], count),
  new Plot("Went another way, a minute", [["conflicts", perMinute("orchestra.conflicts")], ["rejections", perMinute("orchestra.rejections")], ["lost fences", perMinute("orchestra.fences.lost")]], rate),
  new Plot("Behind when they acknowledge, changes", [["p50", latency("orchestra.gateway.device_lag", 0.5)], ["p99", latency("orchestra.gateway.device_lag", 0.99)]], count),
];
byId("plots").append(...plots.map((plot) => plot.element));

const sampleOf = (process, name) => process.report.samples.find((sample) => sample.name === name)?.value;
const secondsOf = (time) => {
  const [, days, hours, minutes, seconds] = /^(?:(\d+)\.)?(\d+):(\d+):([\d.]+)$/.exec(time);
  return ((Number(days ?? 0) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
};

/** @returns A word, and how it looks. */
function stateOf(process) {
  const silence = secondsOf(process.silentFor);
  if (sampleOf(process, "orchestra.draining") === 1)
    return silence > SILENT ? [`stopped ${span(silence)} ago`, "quiet"] : ["stopping", "warn"];
  return silence > SILENT ? [`silent for ${span(silence)}`, "bad"] : ["well", "good"];
}

const well = (up, words = ["answers", "does not answer"]) =>
  up === undefined ? make("span", { class: "quiet" }, "–")
    : make("span", { class: up ? "good" : "bad" }, words[up ? 0 : 1]);

function troubles(processes) {
  const found = [];
  const alive = processes.filter((process) => secondsOf(process.silentFor) <= SILENT);
  for (const process of processes)
    if (stateOf(process)[1] === "bad")
      found.push(["SiloDown", `${process.report.process} (${process.report.roles}) ${stateOf(process)[0]}.`]);
  const where = (name) => alive.filter((process) => sampleOf(process, name) === 0).map((process) => process.report.process);
  const tell = (page, name, what) => {
    if (where(name).length > 0) found.push([page, `${what}, says ${where(name).join(", ")}.`]);
  };
  tell("PostgresUnreachable", "orchestra.store.up", "The store does not answer");
  tell("RedisUnreachable", "orchestra.redis.up", "Redis does not answer");
  tell("ClusterUnreachable", "orchestra.health|cluster", "The cluster is out of reach");
  const counts = new Set(alive.map((process) => sampleOf(process, "orchestra.cluster.silos")).filter((silos) => silos !== undefined));
  if (counts.size > 1) found.push(["ClusterSplit", `Silos disagree on how many there are: ${[...counts].join(", ")}.`]);
  if (sum("orchestra.maintenance.runs|failed|maintenance", MOST) > 0) found.push(["MaintenanceFails", "Maintenance has failed within the hour."]);
  if (sum("orchestra.gateway.errors|internal", FIVE_MINUTES) > 0) found.push(["ErrorsInternal", "Clients were told of internal errors."]);
  return found;
}

const sum = (name, many) => moments.slice(-many).reduce((all, moment) => all + value(moment, name), 0);

function tiles() {
  const last = moments.at(-1), recent = moments.slice(-12);
  const mean = (name) => recent.reduce((all, moment) => all + value(moment, name), 0) / Math.max(1, recent.length) / STEP;
  const now = (name) => (last ? count(value(last, name)) : "–");
  return [
    ["owners active", now("orchestra.owners")],
    ["connections", now("orchestra.gateway.connections")],
    ["devices", now("orchestra.gateway.devices")],
    ["commits/s, a minute", rate(mean("orchestra.commits"))],
    ["changes/s, a minute", rate(mean("orchestra.changes"))],
    ["commit p99, a minute", millis(quantile(recent, "orchestra.commit.duration", 0.99))],
    ["push p99, a minute", millis(quantile(recent, "orchestra.push.duration", 0.99))],
    ["Redis failures, 5 min", count(sum("orchestra.relay.failures", FIVE_MINUTES))],
  ];
}

function processRow(process) {
  const [word, look] = stateOf(process), at = (name) => sampleOf(process, name);
  const number = (name) => make("td", {}, at(name) === undefined ? "–" : count(at(name)));
  return make("tr", {},
    make("td", {}, make("span", { class: "id" }, process.report.process), make("br"), make("span", { class: "quiet" }, process.report.roles)),
    make("td", { class: look }, word), make("td", {}, process.report.version),
    make("td", {}, span((heardAt - new Date(process.report.startedAt)) / 1000)),
    make("td", {}, at("orchestra.gateway.connections") === undefined ? "–"
      : `${count(at("orchestra.gateway.connections"))} of ${count(at("orchestra.gateway.connections.limit"))}`),
    number("orchestra.gateway.devices"), number("orchestra.owners"),
    make("td", {}, well(at("orchestra.store.up"))), make("td", {}, well(at("orchestra.redis.up"))));
}

const REASONS = [
  ["orchestra.conflicts", "conflict"], ["orchestra.rejections", "rejection"], ["orchestra.fences.lost", "lost fence"],
  ["orchestra.resets", "reset"], ["orchestra.overloads", "no room"], ["orchestra.gateway.errors", "error told"],
  ["orchestra.store.failures", "store failure"], ["orchestra.maintenance.runs|failed", "failed run"],
];

function reasonRows() {
  const found = new Map();
  moments.forEach((moment, at) => {
    for (const [name, word] of REASONS)
      for (const [tag, number] of tagged(moment.values, name)) {
        const key = `${word}: ${tag.replaceAll("_", " ").replaceAll("|", ", ")}`;
        const [minutes, hour] = found.get(key) ?? [0, 0];
        found.set(key, [minutes + (moments.length - at <= FIVE_MINUTES ? number : 0), hour + number]);
      }
  });
  const rows = [...found].sort(([, a], [, b]) => b[1] - a[1]);
  return rows.length === 0 ? [make("tr", {}, make("td", { colspan: 3, class: "quiet" }, "Nothing within the hour."))]
    : rows.map(([key, [minutes, hour]]) => make("tr", {}, make("td", {}, key), make("td", {}, count(minutes)), make("td", {}, count(hour))));
}

function showStore(processes) {
  const measured = processes.find((process) => sampleOf(process, "orchestra.store.log.months") !== undefined && stateOf(process)[1] !== "bad");
  const values = Object.fromEntries((measured?.report.samples ?? []).map((sample) => [sample.name, sample.value]));
  const tables = [...tagged(values, "orchestra.store.size")].sort(([, a], [, b]) => b - a);
  byId("tables").replaceChildren(...(tables.length === 0
    ? [make("tr", {}, make("td", { colspan: 3, class: "quiet" }, "Only PostgreSQL is measured, every half minute."))]
    : tables.map(([table, size]) => make("tr", {}, make("td", {}, table), make("td", {}, bytes(size)),
        make("td", {}, count(values[`orchestra.store.rows|${table}`] ?? 0))))));
  const lags = [...tagged(values, "orchestra.store.device_lag")].map(([part, lag]) => `${part}: ${count(lag)}`).join(" · ");
  const facts = measured ? [
    ["months of the log", `${values["orchestra.store.log.months"]}, ${values["orchestra.store.log.months_ahead"]} of them ahead`],
    ["the log goes back", span(values["orchestra.store.log.reach"])],
    ["connections", `${values["orchestra.store.connections"]} of ${values["orchestra.store.connections.limit"]}`],
    ["devices behind, by quantile", lags || "–"],
  ] : [];
  byId("store").replaceChildren(...facts.flatMap(([name, text]) => [make("dt", {}, name), make("dd", {}, text)]));
}

function show({ now, processes, moments: news }) {
  heardAt = new Date(now);
  const last = moments.at(-1)?.number ?? 0;
  for (const moment of news)
    if (moment.number > last) moments.push({ ...moment, at: (moment.number + 1 - EPOCH) * STEP * 1000 });
  moments = moments.filter((moment) => moment.number > moments.at(-1).number - MOST);
  byId("trouble").replaceChildren(...troubles(processes).map(([page, text]) =>
    make("p", {}, make("b", { class: "bad" }, page), ` ${text} See deploy/on-call.md.`)));
  byId("tiles").replaceChildren(...tiles().map(([name, text]) =>
    make("div", { class: "tile" }, make("b", {}, text), make("small", {}, name))));
  byId("processes").replaceChildren(...processes.map(processRow));
  byId("reasons").replaceChildren(...reasonRows());
  showStore(processes);
  for (const plot of plots) plot.show(moments);
}

function say(text, look) {
  byId("state").textContent = text;
  byId("state").className = look;
}

async function ask() {
  clearTimeout(retry);
  try {
    const answer = await fetch(`overview/data?after=${moments.at(-1)?.number ?? 0}`, { signal: AbortSignal.timeout(10000) });
    if (!answer.ok) throw new Error(answer.status === 503 ? await answer.text() : `the silo answers ${answer.status}`);
    show(await answer.json());
    say("live", "open");
  } catch (fault) {
    say(fault instanceof TypeError ? "no connection to the silo; trying again" : fault.message, "closed");
  }
  retry = setTimeout(ask, STEP * 1000);
}

function turn() {
  const owner = location.hash.slice(1);
  byId("cluster").hidden = owner !== "";
  byId("one").hidden = owner === "";
  if (owner) showOwner(byId("one"), owner);
}

byId("find").onsubmit = (submit) => {
  submit.preventDefault();
  location.hash = byId("owner").value.trim().toLowerCase();
};
addEventListener("hashchange", turn);
turn();
ask();
