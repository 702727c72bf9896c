// From what the server counts to what is drawn. Pure.

export const KEPT = 180; // Samples; at one a second, three minutes.

/** What happened between two answers to `figures`; without an earlier one, or after a new start, nothing did. */
export function between(before, now) {
  const fresh = before === null || before.started_at !== now.started_at || now.at <= before.at;
  const seconds = fresh ? 1 : now.at - before.at;
  const rate = (key) => (fresh ? 0 : Math.max(0, now[key] - before[key]) / seconds);
  const counts = now.fanout.counts.map((count, place) => (fresh ? 0 : Math.max(0, count - (before.fanout.counts[place] ?? 0))));
  return {
    at: now.at,
    messages: rate("messages") + rate("private_messages"),
    deliveries: rate("deliveries") + rate("private_messages"),
    p50: quantile(now.fanout.bounds_s, counts, 0.5),
    p99: quantile(now.fanout.bounds_s, counts, 0.99),
    people: now.sessions,
  };
}

/** The time in seconds within which that share of what a histogram counts was done; null where it counts nothing.
 *  Within a bucket the values are taken to lie evenly; beyond the last bound nothing is known but the bound. */
export function quantile(bounds, counts, share) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let seen = 0;
  for (const [place, count] of counts.entries()) {
    if (count > 0 && seen + count >= share * total) {
      if (place >= bounds.length) return bounds.at(-1);
      const low = place === 0 ? 0 : bounds[place - 1];
      return low + (bounds[place] - low) * ((share * total - seen) / count);
    }
    seen += count;
  }
  return bounds.at(-1);
}

/** The newest samples, one more. */
export const kept = (samples, sample) => [...samples.slice(-(KEPT - 1)), sample];

/** A round number that is not less: 1, 2 or 5 times a power of ten. */
export function ceiling(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((round) => round >= value * 0.999999);
}

/** `3`, `0,4`, `12 340`. */
export function number(lang, value) {
  const digits = value >= 10 || Number.isInteger(value) ? 0 : 1;
  return new Intl.NumberFormat(lang, { maximumFractionDigits: digits }).format(value);
}

/** Seconds as people read them: `0,8 ms`, `12 ms`, `1,5 s`. */
export function duration(lang, seconds) {
  if (seconds === null) return "–";
  const [value, unit] = seconds < 1 ? [seconds * 1000, "ms"] : [seconds, "s"];
  return `${new Intl.NumberFormat(lang, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)} ${unit}`;
}

/** Bytes as people read them. */
export function bytes(lang, value) {
  const units = ["B", "KiB", "MiB", "GiB"];
  let place = 0;
  while (value >= 1024 && place < units.length - 1) {
    value /= 1024;
    place += 1;
  }
  return `${number(lang, value)} ${units[place]}`;
}

/** How long since a moment: `3 s`, `12 min`, `5 h`, `2 d`. */
export function age(seconds) {
  const steps = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const [size, unit] = steps.find(([least]) => seconds >= least) ?? steps.at(-1);
  return `${Math.max(0, Math.floor(seconds / size))} ${unit}`;
}
