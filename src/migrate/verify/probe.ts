import type { Stored } from '../../store/stored.ts';

/** A request that is sent to both gateways. */
export interface Probe {
  /** What the Host header says, without a port. */
  readonly host: string;
  readonly method: string;
  /** As it is sent, with its query. */
  readonly path: string;
  /** Besides Host. */
  readonly headers: Readonly<Record<string, string>>;
  /** What it finds out: `a path that begins alike`. */
  readonly about: string;
  /** The one whose path it is for. Undefined: none is known. */
  readonly ingress?: Stored<'Ingress'>;
  /** Weights decide which Service answers, so that two answers may differ. */
  readonly isSplit: boolean;
}

/** Methods that change nothing. @see https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1 */
const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether it can be sent to a gateway with real traffic. */
export function isSafe({ method }: Probe): boolean {
  return safe.has(method);
}

/** Each request once, in order. */
export function withoutRepeats(probes: Iterable<Probe>): readonly Probe[] {
  const seen = new Map<string, Probe>();
  for (const probe of probes) {
    const key = JSON.stringify([probe.method, probe.host, probe.path, probe.headers]);
    if (!seen.has(key)) seen.set(key, probe);
  }
  return [...seen.values()];
}

/** At most so many, spread over all of them. @param most undefined: all. */
export function sampled(probes: readonly Probe[], most: number | undefined): readonly Probe[] {
  if (most === undefined || probes.length <= most) return probes;
  return Array.from({ length: most }, (_, index) => probes[Math.floor((index * probes.length) / most)]).filter((one) => one !== undefined);
}
