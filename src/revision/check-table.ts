import { type Decoded, decodeRaw } from '../proto/codec.ts';
import type { EncodedTable } from '../proto/encoded-table.ts';
import type { FieldPath, RuleChecker, Violation } from '../proto/rules.ts';
import type { Work } from '../work.ts';
import { decodedOnce } from './decoded-once.ts';
import { hostReferences } from './references.ts';

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
const known = new WeakMap<Uint8Array, CheckedHost>();

/** Checks a table one virtual host after the other, each once. Domains must differ over all of them, whatever their case. */
export function tableViolations({ own, hosts }: EncodedTable, check: RuleChecker): readonly Violation[] {
  const message = decodeRaw(table, own);
  const violations = [...check(table, message)];
  const longest = bodyLimit(message);
  const seen = new Set<string>();
  for (const [index, host] of hosts.entries()) {
    const { violations: ofHost, domains, lowerDomains, bodies } = checkedHost(host, check);
    const note = (path: FieldPath, rule: string): void => void violations.push({ path: ['virtual_hosts', index, ...path], rule });
    for (const { path, rule } of ofHost) note(path, rule);
    for (const { path, bytes } of bodies) if (bytes > longest) note(path, `must have at most ${longest} bytes`);
    for (const [position, domain] of lowerDomains.entries()) {
      if (seen.has(domain)) note(['domains', position], `must not hold ${domains[position]} twice`);
      seen.add(domain);
    }
  }
  return violations;
}

/** Finds in short turns what `tableViolations` says of virtual hosts, and what these refer to. */
export function* examineHosts({ hosts }: EncodedTable, check: RuleChecker): Work<void> {
  for (const host of hosts) {
    if (known.has(host)) continue;
    checkedHost(host, check);
    hostReferences(host);
    yield;
  }
}

function checkedHost(host: Uint8Array, check: RuleChecker): CheckedHost {
  const before = known.get(host);
  if (before) return before;
  const message = decodedOnce(virtualHost, host);
  const domains = (message['domains'] ?? []) as readonly string[];
  const checked = { violations: check(virtualHost, message), domains, lowerDomains: domains.map((domain) => domain.toLowerCase()), bodies: bodiesOf(message) };
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
