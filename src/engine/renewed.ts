import { ownCertificateName, sessionKeysName } from '../ir/names.ts';
import type { Resource, ResourceMap } from '../resource.ts';
import { references } from '../revision/references.ts';
import type { Configuration } from '../revision/release.ts';
import type { StoreView } from '../store/view.ts';
import { endpointEncoder } from '../xds/group.ts';
import { endpointsNow, type Weigh } from './endpoints-now.ts';
import { secretNow } from './secret-now.ts';
import { joinedSessionKeys } from './session-keys.ts';

/** What an older configuration takes of today. */
export interface Today {
  readonly view: StoreView;
  readonly weigh: Weigh;
  /** The certificate that Sluice makes itself, which no object has. Undefined: it makes none. */
  readonly ownCertificate?: Resource;
}

/**
 * An older configuration with the endpoints and secrets of today: what is in the newest, else what the objects say, else what
 * was known last. It keeps the name of its revision. The same maps where nothing differs.
 * @param newest undefined: nothing asks for the group any more.
 */
export function renewed(configuration: Configuration, newest: Configuration | undefined, today: Today): Configuration {
  const { view, weigh } = today;
  const { snapshot, endpointOrigins } = configuration;
  const { endpoints, secrets } = snapshot.resources;
  const built = newest?.snapshot.resources;
  const origins = [...endpointOrigins].filter(([, { type }]) => type === 'service' || type === 'static');
  const nextEndpoints = origins.map(
    ([name, origin]) =>
      built?.endpoints.get(name) ?? endpointsNow(view, weigh, snapshot.group, name, origin) ?? endpoints.get(name) ?? withoutEndpoints(snapshot.group, name),
  );
  const nextSecrets = secretNames(configuration).map((name) => secretOf(name, built?.secrets.get(name), secrets.get(name), today));
  const resources = { ...snapshot.resources, endpoints: replaced(endpoints, nextEndpoints), secrets: replaced(secrets, nextSecrets) };
  return { ...configuration, snapshot: { ...snapshot, resources } };
}

/** Of the keys of sessions those of today, and those that only the older configuration has a use for. */
function secretOf(name: string, built: Resource | undefined, before: Resource | undefined, { view, ownCertificate }: Today): Resource | undefined {
  if (name === sessionKeysName) return joinedSessionKeys(built, before);
  return built ?? (name === ownCertificateName ? ownCertificate : secretNow(view, name)) ?? before;
}

/** Secrets that a configuration asks for and does not have. */
export function missingSecrets(configuration: Configuration): readonly string[] {
  return secretNames(configuration).filter((name) => !configuration.snapshot.resources.secrets.has(name));
}

function secretNames({ snapshot }: Configuration): readonly string[] {
  const asking = [...snapshot.resources.listeners.values(), ...snapshot.resources.clusters.values()];
  return [...new Set(asking.flatMap((resource) => [...references(resource).secrets]))];
}

/**
 * The same with those secrets that no object has, where they are missing: the certificate that Sluice makes itself, and no keys of
 * sessions, for which no listener waits: sessions are kept as soon as the objects are known.
 */
export function withOwnSecrets(configuration: Configuration, ownCertificate: Resource | undefined): Configuration {
  const own = [joinedSessionKeys(undefined, undefined), ...(ownCertificate ? [ownCertificate] : [])];
  const missing = missingSecrets(configuration);
  const added = own.filter(({ name }) => missing.includes(name));
  if (added.length === 0) return configuration;
  const { snapshot } = configuration;
  const secrets = new Map([...snapshot.resources.secrets, ...added.map((secret) => [secret.name, secret] as const)]);
  return { ...configuration, snapshot: { ...snapshot, resources: { ...snapshot.resources, secrets } } };
}

/** An Envoy would wait 15 s for an assignment that does not come. */
function withoutEndpoints(group: string, cluster: string): Resource {
  return endpointEncoder(group)({ cluster, endpoints: [], origins: [] });
}

function replaced(before: ResourceMap, resources: readonly (Resource | undefined)[]): ResourceMap {
  const after = new Map(resources.flatMap((resource) => (resource ? [[resource.name, resource] as const] : [])));
  const isSame = after.size === before.size && [...after.values()].every(({ name, version }) => before.get(name)?.version === version);
  return isSame ? before : after;
}
