/** Lines over the last hour, drawn anew whenever there is something new. */

/** Moments: an hour once there is one, and ten minutes before there is more. */
const MOST = 720, LEAST = 120;
const WIDTH = 720, HEIGHT = 100;
const NAMESPACE = "http://www.w3.org/2000/svg";

export const make = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null) made.setAttribute(name, value);
  made.append(...children);
  return made;
};

const draw = (tag, attributes) => {
  const made = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
};

/** The next of 1, 2, 5, 10, 20, … that is not smaller. */
function ceiling(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value);
}

/**
 * @param title What is shown.
 * @param series Pairs of a name and a function from a moment to a number, or to null where there is none.
 * @param write How a number is written.
 */
export class Plot {
  constructor(title, series, write) {
    Object.assign(this, { series, write, moments: [] });
    this.values = series.map(() => make("span"));
    this.top = make("span");
    this.time = make("span");
    this.picture = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    this.paths = series.map((_, at) => draw("path", { class: `s${at}` }));
    this.here = draw("line", { class: "here", y1: 0, y2: HEIGHT, visibility: "hidden" });
    for (const y of [0, HEIGHT / 2, HEIGHT]) this.picture.append(draw("line", { x1: 0, x2: WIDTH, y1: y, y2: y }));
    this.picture.append(...this.paths, this.here);
    this.picture.addEventListener("pointermove", (event) => this.point(event));
    this.picture.addEventListener("pointerleave", () => { this.at = null; this.tell(); });
    this.begin = make("span");
    this.element = make("figure", {},
      make("figcaption", {}, make("b", {}, title),
        ...series.map(([name], at) => make("span", { class: `s${at}` }, `${name} `, this.values[at]))),
      make("div", { class: "axis" }, this.top, this.time), this.picture,
      make("div", { class: "axis" }, this.begin, make("span", {}, "now")));
  }

  show(moments) {
    this.moments = moments;
    const last = moments.at(-1)?.number ?? 0;
    this.span = Math.min(MOST, Math.max(LEAST, last - (moments[0]?.number ?? 0)));
    this.first = last - this.span;
    this.begin.textContent = `${Math.round(this.span / 12)} minutes ago`;
    const lines = this.series.map(([, read]) => moments.map((moment) => [moment.number, read(moment)]));
    const most = Math.max(0, ...lines.flat().map(([, value]) => value ?? 0));
    const top = ceiling(most);
    this.top.textContent = this.write(top);
    lines.forEach((line, at) => this.paths[at].setAttribute("d", this.trace(line, top)));
    this.tell();
  }

  point(event) {
    const box = this.picture.getBoundingClientRect();
    this.at = this.first + Math.round(((event.clientX - box.left) / box.width) * this.span);
    this.tell();
  }

  x(number) {
    return (((number - this.first) / this.span) * WIDTH).toFixed(1);
  }

  /** A gap where there is no moment, or nothing to say of it. */
  trace(line, top) {
    let path = "", before = null;
    for (const [number, value] of line) {
      if (value == null) { before = null; continue; }
      const y = (HEIGHT - (value / top) * (HEIGHT - 2) - 1).toFixed(1);
      path += before === number - 1 ? `L${this.x(number)} ${y}` : `M${this.x(number)} ${y}h0.5`;
      before = number;
    }
    return path;
  }

  /** The values at the pointer, or the last ones. */
  tell() {
    const moment = this.at == null ? this.moments.at(-1) : this.moments.find((one) => one.number >= this.at);
    this.series.forEach(([, read], at) => {
      const value = moment ? read(moment) : null;
      this.values[at].textContent = value == null ? "–" : this.write(value);
    });
    const isPointed = this.at != null && moment;
    this.time.textContent = isPointed ? new Date(moment.at).toLocaleTimeString() : "";
    this.here.setAttribute("visibility", isPointed ? "visible" : "hidden");
    if (isPointed)
      for (const end of ["x1", "x2"]) this.here.setAttribute(end, this.x(moment.number));
  }
}
