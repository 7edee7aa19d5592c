import { eachOfList, eachOfListAtOnce } from '../memo/each-of-list.ts';
import { createSlot } from '../memo/slot.ts';
import type { Decoded } from '../proto/codec.ts';
import type { EncodedTable } from '../proto/encoded-table.ts';
import type { FieldPath, Violation } from '../proto/rules.ts';
import type { Work } from '../work.ts';
import { inspected } from './inspected.ts';
import { hostReferences } from './references.ts';
import { tallyOfList } from './tally-of-list.ts';

const table = 'envoy.config.route.v3.RouteConfiguration';
const virtualHost = 'envoy.config.route.v3.VirtualHost';

/** What was found in a virtual host. Paths begin in it. */
interface CheckedHost {
  readonly violations: readonly Violation[];
  readonly domains: readonly string[];
  /** The same as Envoy compares them. */
  readonly lowerDomains: readonly string[];
  /** Answers that routes give themselves, by how many bytes they have. */
  readonly bodies: readonly { readonly path: FieldPath; readonly bytes: number }[];
}

// An encoded virtual host never changes, and most of a table stand in the next one as well.
const known = createSlot<Uint8Array, CheckedHost>();

const checkedHosts = eachOfList((host: Uint8Array) => {
  const checked = checkedHost(host);
  hostReferences(host);
  return checked;
});
const flaws = eachOfListAtOnce((host: Uint8Array) => isFlawed(checkedHost(host)));
const domainsOf = tallyOfList((host: Uint8Array) => checkedHost(host).lowerDomains);

/** Finds in short turns what `violationsInTable` says of virtual hosts, and what these refer to. @param name of the table. */
export function examineTable(name: string, { hosts }: EncodedTable): Work<unknown> {
  return checkedHosts(name, hosts);
}

/** What is wrong with a table. Its virtual hosts are checked one after the other, each once. Domains must differ over all of them, whatever their case. */
export function violationsInTable(name: string, { own, hosts }: EncodedTable): readonly Violation[] {
  const { message, violations } = inspected(table, own);
  const longest = bodyLimit(message);
  const isGood = longest >= usualBodyBytes && !domainsOf(name, hosts).repeats && !flaws(name, hosts).includes(true);
  return isGood ? violations : [...violations, ...violationsOfHosts(hosts.map(checkedHost), longest)];
}

/** Whether it has to be looked at whatever stands beside it. */
function isFlawed({ violations, bodies }: CheckedHost): boolean {
  return violations.length > 0 || bodies.some(({ bytes }) => bytes > usualBodyBytes);
}

function violationsOfHosts(hosts: readonly CheckedHost[], longest: number): readonly Violation[] {
  const found: Violation[] = [];
  const seen = new Set<string>();
  for (const [index, { violations, domains, lowerDomains, bodies }] of hosts.entries()) {
    const note = (path: FieldPath, rule: string): void => void found.push({ path: ['virtual_hosts', index, ...path], rule });
    for (const { path, rule } of violations) note(path, rule);
    for (const { path, bytes } of bodies) if (bytes > longest) note(path, `must have at most ${longest} bytes`);
    for (const [position, domain] of lowerDomains.entries()) {
      if (seen.has(domain)) note(['domains', position], `must not hold ${domains[position]} twice`);
      seen.add(domain);
    }
  }
  return found;
}

function checkedHost(host: Uint8Array): CheckedHost {
  const before = known.get(host);
  if (before) return before;
  const { message, violations } = inspected(virtualHost, host);
  const domains = (message['domains'] ?? []) as readonly string[];
  const checked = { violations, domains, lowerDomains: domains.map((domain) => domain.toLowerCase()), bodies: bodiesOf(message) };
  known.set(host, checked);
  return checked;
}

const usualBodyBytes = 4096;

/** The limit for answers of routes stands at the route configuration. */
function bodyLimit(message: Decoded): number {
  return Number((message['max_direct_response_body_size_bytes'] as Decoded | null)?.['value'] ?? usualBodyBytes);
}

function bodiesOf(host: Decoded): CheckedHost['bodies'] {
  return ((host['routes'] ?? []) as readonly Decoded[]).flatMap((route, position) => {
    const body = (route['direct_response'] as Decoded | null)?.['body'] as Decoded | null | undefined;
    const text = String(body?.['inline_string'] ?? '');
    return text === '' ? [] : [{ path: ['routes', position, 'direct_response', 'body'], bytes: Buffer.byteLength(text) }];
  });
}
