import { nginxMilliseconds } from './duration.ts';
import { unknownVariable } from './variables.ts';

/** For which requests an answer of `auth-url` holds, and for how long. */
export interface KeptAnswersRequest {
  /** With variables of nginx. */
  readonly key: string;
  /** Seconds by status, or `any`. */
  readonly seconds: Readonly<Record<string, number>>;
}

const defaultDurations = '200 202 401 5m';
const oneUnit = /^\d+(ms|s|m|h|d|w|M|y)$/;

/**
 * Reads what is written of keeping. A text: why it cannot be done.
 * @see https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_cache_valid
 */
export function readKeptAnswers(key: string, durations: string): KeptAnswersRequest | string {
  const strange = unknownVariable(key);
  if (strange !== undefined) return `the variable ${strange} is not known`;
  const seconds = secondsByStatus(durations);
  return seconds ? { key, seconds } : `${JSON.stringify(durations)} says no durations`;
}

/** `200 202 30m, 401 1m`. Statuses that an answer without one holds for are those of nginx. Undefined where it is not of this form. */
export function secondsByStatus(written: string): Readonly<Record<string, number>> | undefined {
  const found: Record<string, number> = {};
  const rules = written.split(',').map((rule) => rule.split(' ').filter((word) => word !== ''));
  const all = rules.filter((words) => words.length > 0);
  for (const words of all.length > 0 ? all : [defaultDurations.split(' ')]) {
    const times = words.filter(isDuration);
    const lastStatus = words.findLastIndex((word) => /^\d{3}$/.test(word));
    const firstTime = words.findIndex(isDuration);
    if (times.length === 0 || lastStatus > firstTime) return undefined;
    const statuses = words.filter((word) => /^(\d{3}|any)$/.test(word));
    for (const status of statuses.length > 0 ? statuses : ['200', '301', '302'])
      found[status] ??= times.reduce((sum, time) => sum + (nginxMilliseconds(time) ?? 0), 0) / 1000;
  }
  return found;
}

/** ingress-nginx lets one number with one unit through. */
function isDuration(word: string): boolean {
  return oneUnit.test(word) && nginxMilliseconds(word) !== undefined;
}
