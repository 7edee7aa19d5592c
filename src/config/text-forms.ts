import { parseAddress } from '../address.ts';
import { durationMs } from '../kind/gateway/duration.ts';
import { isCidr } from '../kind/own/cidr.ts';
import type { CanarySettings } from '../settings.ts';

// What texts of a command line and of the environment mean. Undefined: they have another form.

/** Where the auth service is: `HOST:PORT` or `unix:/PATH`, as Envoy demands a path from the root. */
export const authzAddressOf = (text: string): string | undefined => (/^unix:\/./.test(text) || parseAddress(text) ? text : undefined);

/** Each `HOST:PORT`, with commas between. */
export function addressesOf(text: string): readonly string[] | undefined {
  const addresses = text.split(',').map((one) => one.trim());
  return addresses.every((one) => parseAddress(one)) ? addresses : undefined;
}

/** Each `ADDRESS/LENGTH`, with commas between. */
export function networksOf(text: string): readonly string[] | undefined {
  const networks = text.split(',').map((one) => one.trim());
  return networks.every(isCidr) ? networks : undefined;
}

/** Name of a trust domain. @see https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md#21-trust-domain */
export const trustDomainOf = (text: string): string | undefined => (/^[a-z0-9._-]{1,255}$/.test(text) ? text : undefined);

/** A port from 1. */
export function portOf(text: string): number | undefined {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port >= 1 && port <= 65535 ? port : undefined;
}

/** `true`, `1`, `false`, `0`. */
export function booleanOf(text: string): boolean | undefined {
  if (text === 'true' || text === '1') return true;
  return text === 'false' || text === '0' ? false : undefined;
}

/** A whole number from 0 to 100, with or without `%`. */
export function percentOf(text: string): number | undefined {
  const percent = Number(text.replace(/%$/, ''));
  return /^\d{1,3}%?$/.test(text) && percent <= 100 ? percent : undefined;
}

/** A number from 0 to 100, with or without `%`: `0.5`. */
export function partOf(text: string): number | undefined {
  const percent = Number(text.replace(/%$/, ''));
  return /^\d{1,3}(\.\d{1,4})?%?$/.test(text) && percent <= 100 ? percent : undefined;
}

/** Milliseconds of a duration as `90s` or `1m30s`. */
export function millisecondsOf(text: string): number | undefined {
  return /^(\d{1,5}(h|m|s|ms)){1,4}$/.test(text) ? durationMs(text) : undefined;
}

/** `10%` from 1, or a number of Envoys from 1. */
export function shareOf(text: string): CanarySettings['share'] | undefined {
  if (text.endsWith('%')) {
    const percent = percentOf(text);
    return percent ? { percent } : undefined;
  }
  return /^[1-9]\d{0,5}$/.test(text) ? { nodes: Number(text) } : undefined;
}
