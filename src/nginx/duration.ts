import type { Form } from './form.ts';

const second = 1000;
const day = 86_400 * second;

/** Milliseconds of the units of nginx, the longest first, which is the order in which they may be written. */
const units: Readonly<Record<string, number>> = { y: 365 * day, M: 30 * day, w: 7 * day, d: day, h: 3600 * second, m: 60 * second, s: second, ms: 1 };
const order = Object.keys(units);

/** Above it nginx refuses them as well, where its numbers have 32 bits. */
const longestMs = 2 ** 31 * second;

/**
 * A duration as nginx writes it, in milliseconds: `1m30s`, `500ms`, `2d`; each unit once, the longest first, and a number without one, which are seconds, last.
 * Undefined where it is none.
 * @see https://nginx.org/en/docs/syntax.html
 */
export function nginxMilliseconds(text: string): number | undefined {
  if (!/^(?:\d{1,12}(?:ms|[yMwdhms]))*(?:\d{1,12})?$/.test(text) || text === '') return undefined;
  let total = 0;
  let last = -1;
  for (const [, number, unit] of text.matchAll(/(\d+)(ms|[yMwdhms])?/g)) {
    const place = unit === undefined ? order.length : order.indexOf(unit);
    if (place <= last) return undefined;
    last = place;
    total += Number(number) * (units[unit ?? 's'] ?? second);
  }
  return total <= longestMs ? total : undefined;
}

/** The same as what a setting may be. */
export const nginxDuration: Form<number> = {
  doc: 'a duration as nginx writes it: `1m30s`, `600`',
  accepts: (text) => nginxMilliseconds(text.trim()) !== undefined,
  read: (text) => nginxMilliseconds(text.trim()),
};

/** One above 0. */
export const positiveNginxDuration: Form<number> = {
  doc: `${nginxDuration.doc}, above 0`,
  accepts: (text) => Boolean(nginxDuration.read(text)),
  read: (text) => nginxDuration.read(text) || undefined,
};
