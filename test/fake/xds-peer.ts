import type { Answer } from '../../src/ads/stream/answer.ts';
import type { XdsRequest } from '../../src/ads/stream/request.ts';
import { type Resource, type ResourceType, resourceTypes, typeUrls } from '../../src/resource.ts';
import { references } from '../../src/revision/references.ts';

/** What a client does with xDS, without a socket: it asks for what an Envoy asks for, and keeps what it is given. */
export interface XdsPeer {
  readonly held: Readonly<Record<ResourceType, Map<string, Resource>>>;
  /**
   * The first requests of a new stream. In delta they tell what is held; in state of the world that there is something.
   * @param warms whether it keeps its clusters back as one of them warms; clusters and endpoints may come again then.
   */
  connect(warms?: boolean): readonly XdsRequest[];
  /** Applies an answer; gives the ACK or NACK, then the questions that follow from it. */
  receive(answer: Answer): readonly XdsRequest[];
  /** Bytes that were sent though the peer had them on this stream, but for full lists, for what it asked for anew, and for endpoints of a cluster that was sent. */
  readonly repeats: readonly string[];
}

export interface PeerOptions {
  readonly protocol: 'sotw' | 'delta';
  readonly group?: string;
  readonly id?: string;
  /** Why a resource is refused, in the words of a client, given what it holds of the type; undefined: it is taken. */
  readonly refuse?: (resource: Resource, held: ReadonlyMap<string, Resource>) => string | undefined;
  /** Why a listener cannot bind its address, which another one may have. Told of it alone, whatever else the answer holds. */
  readonly cannotBind?: NonNullable<PeerOptions['refuse']>;
  /**
   * How it refuses: `named`, the words tell which, and the rest is applied; `unnamed`, the rest is applied, but the words do
   * not tell which; `whole`, nothing of the answer is applied, nor do the words tell. By default `named`.
   */
  readonly refusal?: 'named' | 'unnamed' | 'whole';
}

/** Makes a peer that holds nothing yet. */
export function createPeer(options: PeerOptions): XdsPeer {
  const { protocol, group = 'default', id = 'peer', refuse = () => undefined, cannotBind = () => undefined, refusal = 'named' } = options;
  const held = Object.fromEntries(resourceTypes.map((type) => [type, new Map<string, Resource>()])) as Record<ResourceType, Map<string, Resource>>;
  const repeats: string[] = [];
  let asked: Record<ResourceType, Set<string>>;
  /** Types that were asked for on this stream. */
  let begun: Set<ResourceType>;
  let nonces: Partial<Record<ResourceType, string>>;
  /** `TYPE NAME` of what may be sent, and how often: asked for again, or endpoints of a cluster that was sent. */
  let due: Map<string, number>;
  /** Names of endpoints that may come once more though they did not change, and how often: the peer is late to acknowledge their cluster. */
  let reminders: Map<string, number>;
  let seen: Set<Resource>;
  /** `TYPE NAME` of what was no longer asked for at some time on this stream. */
  let dropped: Set<string>;
  /** Version of each cluster as it was sent last, taken or not. */
  let told: Map<string, string>;
  /** Whether it keeps back on this stream which clusters it has. */
  let isToldLate: boolean;

  const count = (counts: Map<string, number>, key: string, step: 1 | -1): unknown => counts.set(key, Math.max(0, (counts.get(key) ?? 0) + step));
  const expect = (key: string): unknown => count(due, key, 1);
  const expectEndpoints = (name: string): void => {
    expect(`endpoints ${name}`);
    count(reminders, name, 1);
  };
  const wanted = (type: ResourceType): Set<string> => {
    const from = type === 'endpoints' ? [...held.clusters.values()] : [...held.listeners.values(), ...held.clusters.values()];
    return new Set(from.flatMap((resource) => [...references(resource)[type as 'endpoints' | 'routes' | 'secrets']]));
  };

  function request(type: ResourceType, options: { nonce?: string; error?: string } = {}): XdsRequest {
    const first = !begun.has(type);
    begun.add(type);
    const wildcard = type === 'clusters' || type === 'listeners';
    const names = wildcard ? new Set<string>() : wanted(type);
    const before = asked[type];
    asked[type] = names;
    for (const name of names) if (!before.has(name) && !(first && protocol === 'delta' && held[type].has(name))) expect(`${type} ${name}`);
    // An answer to the first question may still be under way when a name is asked for once more.
    for (const name of names) if (!before.has(name) && dropped.has(`${type} ${name}`)) expect(`${type} ${name}`);
    for (const name of before) if (!names.has(name)) dropped.add(`${type} ${name}`);
    const nonce = options.nonce ?? (protocol === 'sotw' ? (nonces[type] ?? '') : '');
    const head = {
      typeUrl: typeUrls[type],
      nonce,
      ...(first && type === 'clusters' ? { node: { id, group, agent: 'peer 1' } } : {}),
      ...(options.error === undefined ? {} : { error: options.error }),
    };
    if (protocol === 'sotw') return { protocol, ...head, ...(held[type].size > 0 ? { version: 'of what is held' } : {}), names: [...names] };
    return {
      protocol,
      ...head,
      subscribe: [...names].filter((name) => !before.has(name)),
      unsubscribe: [...before].filter((name) => !names.has(name)),
      initialVersions: first ? Object.fromEntries([...held[type].values()].map(({ name, version }) => [name, version])) : {},
    };
  }

  /** Drops what nothing refers to any more, and asks for what is referred to now. */
  function follow(): readonly XdsRequest[] {
    const requests: XdsRequest[] = [];
    for (const type of ['endpoints', 'secrets', 'routes'] as const) {
      const names = wanted(type);
      for (const name of held[type].keys()) if (!names.has(name)) held[type].delete(name);
      if (names.size !== asked[type].size || [...names].some((name) => !asked[type].has(name))) requests.push(request(type));
    }
    return requests;
  }

  return {
    held,
    repeats,
    connect(warms = false) {
      asked = Object.fromEntries(resourceTypes.map((type) => [type, new Set<string>()])) as Record<ResourceType, Set<string>>;
      begun = new Set();
      nonces = {};
      due = new Map();
      reminders = new Map();
      seen = new Set();
      dropped = new Set();
      told = new Map();
      if (warms) {
        for (const name of held.clusters.keys()) {
          expect(`clusters ${name}`);
          expect(`endpoints ${name}`);
        }
      }
      isToldLate = warms;
      const types = resourceTypes.filter((type) => type === 'clusters' || type === 'listeners' || wanted(type).size > 0);
      return types.sort((a, b) => (a === 'clusters' ? -1 : b === 'clusters' ? 1 : 0)).map((type) => request(type));
    },
    receive({ type, nonce, resources, removed }) {
      nonces[type] = nonce;
      const full = protocol === 'sotw' && (type === 'clusters' || type === 'listeners');
      const errors: string[] = [];
      if (refusal === 'whole' && resources.some((resource) => refuse(resource, held[type]) !== undefined)) {
        for (const { name } of resources) for (const each of type === 'clusters' ? [type, 'endpoints'] : [type]) expect(`${each} ${name}`);
        return [request(type, { nonce, error: 'Proto constraint validation failed' }), ...follow()];
      }
      // As Envoy does, first what goes, then one by one what comes.
      const listed = new Set(resources.map(({ name }) => name));
      for (const name of full ? held[type].keys() : removed) if (!listed.has(name)) held[type].delete(name);
      for (const resource of resources) {
        const { name } = resource;
        // In state of the world the server does not know which of them a returning client has, nor in delta before it was told.
        const before = told.get(name) ?? (protocol === 'delta' && !isToldLate ? held[type].get(name)?.version : undefined);
        if (type === 'clusters' && before !== resource.version) expectEndpoints(name);
        if (type === 'clusters') told.set(name, resource.version);
        const reason = refuse(resource, held[type]) ?? cannotBind(resource, held[type]);
        if (reason !== undefined) {
          // The server cannot know whether a cluster that it sends once more will be taken this time, and what it sent
          // before it heard of the refusal may be what the peer kept.
          if (type === 'clusters') expect(`endpoints ${name}`);
          expect(`${type} ${name}`);
          errors.push(`${name}: ${reason}`);
          continue;
        }
        const isKnown = held[type].get(name)?.version === resource.version;
        const isRepeat = isKnown && (protocol === 'delta' || seen.has(resource)) && !full && !due.get(`${type} ${name}`);
        const isReminder = isRepeat && type === 'endpoints' && (reminders.get(name) ?? 0) > 0;
        if (isReminder) count(reminders, name, -1);
        else if (isRepeat) repeats.push(`${type} ${name}`);
        count(due, `${type} ${name}`, -1);
        seen.add(resource);
        held[type].set(name, resource);
      }
      const words = refusal === 'unnamed' ? 'something is wrong' : errors.join(', ');
      const error = errors.length > 0 ? { error: `Error adding/updating ${type} ${words}` } : {};
      // A reply in state of the world tells the newest names; delta tells what follows in messages of their own.
      return [request(type, { nonce, ...error }), ...follow()];
    },
  };
}
