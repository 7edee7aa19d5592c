import assert from 'node:assert/strict';
import type { Answer } from '../../src/ads/stream/answer.ts';
import type { Effect } from '../../src/ads/stream/effect.ts';
import type { XdsRequest } from '../../src/ads/stream/request.ts';
import { createStream, type Stream } from '../../src/ads/stream/stream.ts';
import { defaultStreamLimits } from '../../src/ads/stream/stream-state.ts';
import { type Resource, type ResourceType, resourceTypes, type Snapshot, typeUrls } from '../../src/resource.ts';
import { references } from '../../src/revision/references.ts';
import { changeBetween } from '../../src/revision/revision.ts';
import { cannotBind } from './cannot-bind.ts';
import { type Action, checkTimeoutMs, resourcesOf, type State } from './history.ts';
import type { Random } from './random.ts';
import { snapshotOf } from './resources.ts';
import { busyDriver, promptDriver, type StreamDriver } from './stream-driver.ts';
import { createWarmingPeer } from './warming-peer.ts';
import type { PeerOptions } from './xds-peer.ts';

export interface HistoryOptions {
  readonly protocol: 'sotw' | 'delta';
  /** Undefined: the client takes everything. */
  readonly refusal?: NonNullable<PeerOptions['refusal']>;
  /** What the server has in the beginning, and in the end. */
  readonly first: State;
  readonly last: State;
  /** Undefined: the server has nothing else to do. Else it has, and by chance the stream has to wait for its turn. */
  readonly busy?: Random;
}

/** More turns than any history needs to come to rest. */
const mostTurns = 200;
const mostExchanges = 1000;
/** What happens after so long is that a listener is tried again whose port is not free. */
const restMs = 300_000;

/**
 * Plays a history between a stream and a client that warms its clusters, and ends it in peace: everything arrives, and the
 * last state is published. Throws as soon as a promise is broken:
 * - a route that the client holds has clusters that serve, unless it was sent because one stayed away for `warmMs`, or the
 *   client refused one;
 * - a cluster is removed only when its last route went `drainMs` ago;
 * - no cluster waits for endpoints when everything arrived;
 * - no bytes come twice;
 * - in the end the client holds exactly what the server has, and the server knows.
 */
export function play(options: HistoryOptions, actions: readonly Action[]): void {
  const { protocol, refusal, busy } = options;
  let isCalm = false;
  /** Names of clusters that the client refused: what needs them suffers. */
  const refused = new Set<string>();
  const refuse = ({ type, name, version }: Resource): string | undefined => {
    if (!refusal || isCalm || type === 'endpoints' || type === 'secrets' || (version.charCodeAt(0) + name.length) % 5 !== 0) return undefined;
    if (type === 'clusters') refused.add(name);
    return 'refused';
  };
  const peer = createWarmingPeer(
    { protocol, refuse, cannotBind, ...(refusal ? { refusal } : {}) },
    ({ version }) => (Number.parseInt(version.slice(0, 4), 16) % 31) * (checkTimeoutMs / 30),
  );
  let snapshot: Snapshot = snapshotOf('default', resourcesOf(options.first));
  let now = 1_000_000;
  let stream = open();
  let driver = driverOf(stream);
  let connections = 0;
  // What is under way on the wire, in order, each direction for itself.
  let toClient: Answer[] = [];
  let toServer: XdsRequest[] = [];
  /** Whether it came with clusters of which none has endpoints by EDS: while they warm it begins with listeners, and nothing tells that it takes clusters. */
  let isSilent = false;
  /** Types that the client spoke of on this stream. */
  let said = new Set<string>();
  /** When the stream first sent each cluster that does not serve yet, and those that it may no longer wait for. */
  let offeredAt = new Map<string, number>();
  const givenUp = new Set<string>();
  /** When the client last had a route to a cluster. */
  const lastUsedAt = new Map<string, number>();

  function apply(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'identified') apply(driver.run({ type: 'snapshot', snapshot }, now));
      if (effect.type === 'send') note(effect.answer);
      // Nobody replied for too long, as nothing arrived: a client comes back.
      if (effect.type === 'close') {
        assert.equal(effect.code, 'DEADLINE_EXCEEDED', effect.message);
        connect();
        return;
      }
    }
  }

  function note(answer: Answer): void {
    toClient.push(answer);
    for (const { type, name } of answer.resources) if (type === 'clusters' && !offeredAt.has(name)) offeredAt.set(name, now);
    const late = [...offeredAt].filter(([, at]) => now - at >= defaultStreamLimits.warmMs).map(([name]) => name);
    for (const resource of answer.resources) {
      if (resource.type !== 'routes') continue;
      for (const name of references(resource).clusters) if (isSilent || late.includes(name)) givenUp.add(name);
    }
  }

  function open(): Stream {
    return createStream({ protocol, peer: '', connectedAt: now, limits: defaultStreamLimits });
  }

  function driverOf(one: Stream): StreamDriver {
    return busy ? busyDriver(one, busy) : promptDriver(one);
  }

  function connect(): void {
    connections += 1;
    const brought = [...peer.held.clusters.values()];
    isSilent = brought.length > 0 && brought.every((cluster) => references(cluster).endpoints.size === 0);
    stream = open();
    driver = driverOf(stream);
    toClient = [];
    said = new Set();
    offeredAt = new Map();
    toServer = [...peer.connect(now)];
  }

  const publish = (next: Snapshot): void => {
    const change = changeBetween(snapshot, next);
    snapshot = next;
    // Before it has named itself, a stream is in no group.
    if (stream.status(now, '').id !== '') apply(driver.publish({ type: 'snapshot', snapshot, change }, now));
  };

  function reachServer(): void {
    const request = toServer.shift();
    if (request) said.add(request.typeUrl);
    if (request) apply(driver.run({ type: 'request', request }, now));
  }

  function reachClient(): void {
    const answer = toClient.shift();
    if (!answer) return;
    const before = [...peer.held.clusters.keys()];
    const replies = peer.receive(answer, now);
    // Where its words do not tell which, all of the answer is under suspicion.
    const isRefused = refusal !== 'named' && answer.resources.some((resource) => refuse(resource) !== undefined);
    if (answer.type === 'clusters' && isRefused) for (const { name } of answer.resources) refused.add(name);
    toServer.push(...replies);
    for (const name of before) if (!peer.held.clusters.has(name)) checkDrained(name);
    check();
  }

  /** Requests that were under way on its last route had their time. */
  function checkDrained(name: string): void {
    const afterMs = now - (lastUsedAt.get(name) ?? 0);
    assert.ok(afterMs >= defaultStreamLimits.drainMs || isExcused(name), `cluster ${name} is removed ${afterMs} ms after its last route`);
  }

  function pass(ms: number): void {
    now += ms;
    toServer.push(...peer.pass(now));
    check();
    if ((stream.wakeAt() ?? Number.POSITIVE_INFINITY) <= now) apply(driver.run({ type: 'woken' }, now));
  }

  function wrongNonce(type: 'clusters' | 'endpoints' | 'listeners' | 'routes'): void {
    // As a first message of its type it would be a question, not a reply.
    if (!said.has(typeUrls[type])) return;
    const head = { typeUrl: typeUrls[type], nonce: 'nobody gave this' };
    const request: XdsRequest =
      protocol === 'sotw' ? { protocol, ...head, version: '1', names: ['x'] } : { protocol, ...head, subscribe: [], unsubscribe: [], initialVersions: {} };
    apply(driver.run({ type: 'request', request }, now));
  }

  function isExcused(name: string): boolean {
    // Of what does not come by EDS, a client of state of the world that comes back does not tell that it has it.
    const isUntold = protocol === 'sotw' && connections > 1 && name === 'n';
    return givenUp.has(name) || refused.has(name) || isUntold;
  }

  function check(): void {
    for (const name of peer.serving) {
      offeredAt.delete(name);
      givenUp.delete(name);
    }
    for (const route of peer.held.routes.values()) {
      for (const name of references(route).clusters) {
        lastUsedAt.set(name, now);
        assert.ok(
          isExcused(name) || peer.serving.has(name),
          `route ${route.name} needs cluster ${name}, which ${peer.held.clusters.has(name) ? 'warms' : 'is missing'}`,
        );
      }
    }
  }

  function settle(): void {
    const end = now + restMs;
    for (let turn = 0; turn < mostTurns; turn++) {
      for (let exchange = 0; toServer.length + toClient.length > 0 || driver.isDue(); exchange++) {
        assert.ok(exchange < mostExchanges, 'stream and client talk for ever');
        reachServer();
        reachClient();
        apply(driver.turn(now));
      }
      // What is gone since an earlier stream, the server no longer knows: that waits until Envoy gives up, and serves its old form.
      const isAnswerable = (name: string): boolean => connections === 1 || snapshot.resources.endpoints.has(name);
      if (!refusal) assert.deepEqual(peer.waitingForEndpoints().filter(isAnswerable), [], 'clusters wait for endpoints that do not come');
      const next = [stream.wakeAt(), peer.nextAt()].filter((at) => at !== undefined);
      if (next.length === 0 || now > end) return;
      pass(Math.max(0, Math.min(...next) - now));
    }
    assert.fail('the stream never comes to rest');
  }

  function checkSame(types: readonly ResourceType[]): void {
    for (const type of types) {
      const versions = (resources: Iterable<Resource>) => [...resources].map(({ name, version }) => `${name} ${version}`).sort();
      assert.deepEqual(versions(peer.held[type].values()), versions(snapshot.resources[type].values()), `${type} differ`);
    }
  }

  connect();
  for (const action of actions) {
    if (action.do === 'publish') publish(snapshotOf('default', resourcesOf(action.state)));
    else if (action.do === 'reconnect') connect();
    else if (action.do === 'reach server') reachServer();
    else if (action.do === 'reach client') reachClient();
    else if (action.do === 'pass') pass(action.ms);
    else wrongNonce(action.type);
    apply(driver.turn(now));
  }
  settle();
  // Of a secret that is gone nobody is told in state of the world; and listeners that exchange their ports are refused for ever.
  if (!refusal && !stream.status(now, '').lastNack) checkSame(resourceTypes.filter((type) => type !== 'secrets'));
  isCalm = true;
  publish(snapshotOf('default', resourcesOf(options.last)));
  settle();
  checkSame(resourceTypes);
  if (!refusal) assert.deepEqual(peer.repeats, []);
  assert.equal(stream.status(now, '').revisionAcked, snapshot.revision);
}
