import { type Decoded, decodeRaw } from '../proto/codec.ts';
import { tableParts } from '../proto/encoded-table.ts';
import type { RuleChecker, Violation } from '../proto/rules.ts';
import { wireFields } from '../proto/wire-fields.ts';
import type { Work } from '../work.ts';
import { decodedOnce } from './decoded-once.ts';
import { hostReferences } from './references.ts';

const table = 'envoy.config.route.v3.RouteConfiguration';
/** Number of the field in a virtual host. @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-virtualhost */
const domainsField = 2;

/** What was found in a virtual host, in a table with these fields of its own. */
interface CheckedHost {
  readonly own: Uint8Array;
  /** Paths begin in the table, where it is the only virtual host. */
  readonly violations: readonly Violation[];
  readonly domains: readonly string[];
}

// An encoded virtual host never changes, and most of a table stand in the next one as well.
const known = new WeakMap<Uint8Array, CheckedHost>();

/** Checks a table one virtual host after the other, each once. Domains must differ over all of them, whatever their case. */
export function tableViolations(bytes: Uint8Array, check: RuleChecker): readonly Violation[] {
  const { own, hosts } = tableParts(bytes);
  const violations = [...check(table, decodeRaw(table, own))];
  const seen = new Set<string>();
  for (const [index, host] of hosts.entries()) {
    const checked = checkedHost(host, own, check);
    for (const { path, rule } of checked.violations) violations.push({ path: ['virtual_hosts', index, ...path.slice(2)], rule });
    for (const [position, domain] of checked.domains.entries()) {
      const key = domain.toLowerCase();
      if (seen.has(key)) violations.push({ path: ['virtual_hosts', index, 'domains', position], rule: `must not hold ${domain} twice` });
      seen.add(key);
    }
  }
  return violations;
}

/** Finds in short turns what `tableViolations` says of virtual hosts, and what these refer to. */
export function* examineHosts(bytes: Uint8Array, check: RuleChecker): Work<void> {
  const { own, hosts } = tableParts(bytes);
  for (const host of hosts) {
    checkedHost(host, own, check);
    hostReferences(host);
    yield;
  }
}

function checkedHost(host: Uint8Array, own: Uint8Array, check: RuleChecker): CheckedHost {
  const before = known.get(host);
  if (before && Buffer.compare(before.own, own) === 0) return before;
  const message: Decoded = Object.assign(Object.create(decodeRaw(table, own)), { virtual_hosts: [decodedOnce('envoy.config.route.v3.VirtualHost', host)] });
  const violations = check(table, message).filter(({ path }) => path[0] === 'virtual_hosts');
  const domains = wireFields(host).filter(({ number }) => number === domainsField);
  const checked = { own, violations, domains: domains.map(({ value }) => Buffer.from(value).toString()) };
  known.set(host, checked);
  return checked;
}
