/** One owner: counters, devices, what was written and what lost, and what can be done. */

import { make } from "./plots.js";

const byId = (id) => document.getElementById(id);
const count = (value) => value.toLocaleString("en");
const when = (text) => text ? make("time", { datetime: text, title: text }, new Date(text).toLocaleString()) : "–";
const short = (id) => make("span", { class: "id", title: id }, id === NIL ? "the server" : id.slice(0, 8));
const NIL = "00000000-0000-0000-0000-000000000000";

const table = (heads, rows, none) => make("div", { class: "wide" }, make("table", {},
  make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", {}, head)))),
  make("tbody", {}, ...(rows.length > 0 ? rows
    : [make("tr", {}, make("td", { colspan: heads.length, class: "quiet" }, none))]))));
const row = (...cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, cell)));

/** Asks why, and does it. @returns What came of it as a sentence, or null if it was left. */
async function act(question, path) {
  byId("question").textContent = question;
  byId("reason").value = "";
  const dialog = byId("ask");
  dialog.returnValue = "no";
  dialog.showModal();
  await new Promise((done) => dialog.addEventListener("close", done, { once: true }));
  if (dialog.returnValue !== "yes") return null;
  const answer = await fetch(path, {
    method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify({ reason: byId("reason").value }),
  });
  if (!answer.ok) return `Not done: ${(await answer.text()) || answer.status}`;
  if (answer.status === 204) return "Done.";
  const verdict = await answer.json();
  return verdict.isWell ? `All is well at version ${count(verdict.at)}.`
    : `The rows at version ${count(verdict.at)} are not those that the head counts. Run silo verify.`;
}

export async function showOwner(place, owner) {
  const path = `overview/owners/${encodeURIComponent(owner)}`;
  place.replaceChildren(make("p", { class: "quiet" }, "Looking it up"));
  let answer;
  try {
    answer = await fetch(path);
  } catch {
    place.replaceChildren(make("p", { class: "bad" }, "No connection to the silo."));
    return;
  }
  if (location.hash.slice(1) !== owner) return;
  if (!answer.ok) {
    const text = answer.status === 404 ? "There is no such owner." : await answer.text();
    place.replaceChildren(make("p", { class: "bad" }, text || `The silo answers ${answer.status}.`));
    return;
  }
  const found = await answer.json(), { head } = found;
  const said = make("span", { role: "status" });
  const button = (label, question, where) => make("button", { type: "button", onclick: async () => {
    const text = await act(question, `${path}/${where}`);
    if (text === null) return;
    if (where !== "verify" && text === "Done.") await showOwner(place, owner);
    (place.querySelector("[role=status]") ?? said).textContent = text;
  } }, label);
  const numbers = [["version", count(head.version)], ["live rows", count(head.rows)], ["commits", count(head.commitNo)],
    ["log from version", count(head.logHorizon)], ["tombstones from version", count(head.tombstoneHorizon)]];
  place.replaceChildren(
    make("h2", {}, "Owner ", make("span", { class: "id" }, owner)),
    make("div", { class: "tiles" }, ...numbers.map(([name, text]) =>
      make("div", { class: "tile" }, make("b", {}, text), make("small", {}, name)))),
    make("dl", {}, make("dt", {}, "last commit"), make("dd", {}, when(head.lastCommitAt)),
      make("dt", {}, "epoch"), make("dd", {}, `${head.epoch}`), make("dt", {}, "digest"), make("dd", { class: "id" }, head.digest)),
    make("div", { class: "actions" },
      button("Verify", "Counts all rows of this owner and compares them with his head.", "verify"),
      button("Force a reset", "Begins a new epoch: every device of this owner fetches everything anew. What they have not sent yet is kept.", "reset"),
      make("button", { type: "button", onclick: () => showOwner(place, owner) }, "Refresh"), said),
    make("h2", {}, "Devices"),
    table(["Device", "Id", "Priority", "Seq", "Unsettled", "Has version", "Behind", "Seen", ""],
      found.devices.map((device) => row(
        make("span", {}, device.name, make("br"), make("span", { class: "quiet" }, `${device.kind}, ${device.app}`)),
        short(device.id), device.priority, count(device.lastSeq), count(device.unsettled),
        device.acked === null ? "–" : count(device.acked),
        make("span", { class: device.behind > 1000 ? "warn" : "" }, count(device.behind)), when(device.seenAt),
        device.revokedAt ? make("span", { class: "quiet" }, "revoked")
          : button("Revoke", `Bars ${device.name} for good and ends its connections.`, `devices/${device.id}/revoke`))),
      "No device has been here."),
    make("h2", {}, "Written last"),
    table(["Version", "Row", "What", "Device", "Edited", "Fields"],
      found.log.map((entry) => row(count(entry.version), make("span", { class: "id" }, entry.row),
        entry.isPresent ? "written" : "deleted", short(entry.device), when(entry.editedAt), entry.fields.join(", "))),
      "Nothing that the log still has."),
    make("h2", {}, "Lost last"),
    table(["When", "Why", "Row", "Device", "Seq", "Version", "Won by", "Fields"],
      found.conflicts.map((lost) => row(when(lost.at), (lost.code ?? lost.verdict).replaceAll("_", " "),
        make("span", { class: "id" }, `${lost.entity}/${lost.rowId}`), short(lost.device), count(lost.seq),
        lost.version === null ? "–" : count(lost.version), lost.winnerVersion === null ? "–" : count(lost.winnerVersion),
        lost.fields.join(", "))),
      "Nothing has lost."));
}
