// A line graph of the last minutes, drawn as SVG.

import { html } from "../views/html.js";
import { ceiling, KEPT } from "./rates.js";

const WIDTH = 440;
const HEIGHT = 140;
const LEFT = 56;
const BOTTOM = 8;
const TOP = 10;

/** Points of one line; a sample without a value interrupts it. */
export function pieces(values, top) {
  const step = (WIDTH - LEFT) / (KEPT - 1);
  const found = [];
  let piece = [];
  for (const [place, value] of values.entries()) {
    if (value === null) {
      if (piece.length) found.push(piece);
      piece = [];
      continue;
    }
    const x = WIDTH - (values.length - 1 - place) * step;
    const y = HEIGHT - BOTTOM - (Math.min(value, top) / top) * (HEIGHT - BOTTOM - TOP);
    piece.push([Math.round(x * 10) / 10, Math.round(y * 10) / 10]);
  }
  if (piece.length) found.push(piece);
  return found;
}

const line = (points) => points.map(([x, y], place) => `${place ? "L" : "M"}${x} ${y}`).join("");
const area = (points) => `${line(points)}L${points.at(-1)[0]} ${HEIGHT - BOTTOM}L${points[0][0]} ${HEIGHT - BOTTOM}Z`;

/** `series` are {name, values, kind}; `tell` makes a number readable. */
export const Graph = ({ title, series, tell, label }) => {
  const values = series.flatMap((each) => each.values).filter((value) => value !== null);
  const top = ceiling(Math.max(0, ...values));
  const newest = series.map((each) => ({ ...each, now: each.values.at(-1) ?? null }));
  const marks = [0, 0.5, 1];
  return html`
    <figure class="graph">
      <figcaption>
        <h2>${title}</h2>
        <ul class="legend">
          ${newest.map((each) => html`<li class=${`series-${each.kind}`}><span class="swatch" aria-hidden="true"></span>${each.name}${" "}<strong>${tell(each.now)}</strong></li>`)}
        </ul>
      </figcaption>
      <svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label=${label(newest.map((each) => `${each.name} ${tell(each.now)}`).join(", "))}>
        ${marks.map((share) => {
          const y = HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
          return html`<g class="mark"><line x1=${LEFT} x2=${WIDTH} y1=${y} y2=${y} /><text x=${LEFT - 8} y=${y + 4}>${tell(top * share)}</text></g>`;
        })}
        ${newest.map((each) => html`
          <g class=${`series-${each.kind}`}>
            ${pieces(each.values, top).map((points) => points.length === 1
              ? html`<circle class="dot-mark" cx=${points[0][0]} cy=${points[0][1]} r="2" />`
              : html`<path class="area" d=${area(points)} /><path class="line" d=${line(points)} />`)}
          </g>
        `)}
      </svg>
    </figure>
  `;
};
