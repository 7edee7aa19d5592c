import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cluster, endpoints, snapshotOf } from '../../../test/fake/resources.ts';
import { typeUrls } from '../../resource.ts';
import { changeBetween } from '../../revision/revision.ts';
import type { StreamEvent } from './event.ts';
import { concernsEndpointsAlone, hasNothingButEndpoints } from './quiet.ts';
import type { DeltaRequest } from './request.ts';
import { createStreamState, defaultStreamLimits, type StreamState } from './stream-state.ts';
import type { PendingAnswer } from './subscription.ts';
import { startWarming } from './warming.ts';

const snapshot = snapshotOf('default', [cluster('a'), endpoints('a', [1])]);

function stateOf(): StreamState {
  const state = createStreamState({ protocol: 'delta', peer: '', connectedAt: 0, limits: defaultStreamLimits });
  state.snapshot = snapshot;
  state.subscriptions.endpoints.requested = true;
  return state;
}

const noisy: Readonly<Record<string, (state: StreamState) => void>> = {
  'a name to be compared': ({ subscriptions }) => subscriptions.routes.dirty.add('r'),
  'an answer without ACK': ({ subscriptions }) => {
    subscriptions.clusters.pending = [{} as PendingAnswer];
  },
  'something refused': ({ subscriptions }) => subscriptions.listeners.pins.set('l', { refused: '1', good: undefined, state: 'refused' }),
  'something to be removed': ({ subscriptions }) => subscriptions.clusters.retired.set('c', undefined),
  'a question that must be answered': ({ subscriptions }) => {
    subscriptions.secrets.owed = true;
  },
  'a cluster that warms': (state) => startWarming(state, '1', new Map([['c', true]]), 0),
};

test('a stream is quiet whatever is to be done about endpoints', () => {
  const state = stateOf();
  state.subscriptions.endpoints.dirty.add('a');
  state.subscriptions.endpoints.retired.set('b', undefined);
  assert.equal(hasNothingButEndpoints(state), true);
});

for (const [what, disturb] of Object.entries(noisy)) {
  test(`a stream with ${what} is not quiet`, () => {
    const state = stateOf();
    disturb(state);
    assert.equal(hasNothingButEndpoints(state), false);
  });
}

const ack: DeltaRequest = { protocol: 'delta', typeUrl: typeUrls.endpoints, nonce: '7', subscribe: [], unsubscribe: [], initialVersions: {} };

const changedTo = (...resources: Parameters<typeof snapshotOf>[1]): StreamEvent => {
  const next = snapshotOf('default', resources);
  return { type: 'snapshot', snapshot: next, change: changeBetween(snapshot, next) };
};
const moved = endpoints('a', [2]);
const events: Readonly<Record<string, readonly [StreamEvent, boolean]>> = {
  'an ACK of endpoints': [{ type: 'request', request: ack }, true],
  'a NACK of endpoints': [{ type: 'request', request: { ...ack, error: 'no' } }, false],
  'an ACK of clusters': [{ type: 'request', request: { ...ack, typeUrl: typeUrls.clusters } }, false],
  'an ACK that asks for more': [{ type: 'request', request: { ...ack, subscribe: ['b'] } }, false],
  'an ACK that asks for less': [{ type: 'request', request: { ...ack, unsubscribe: ['a'] } }, false],
  'other endpoints': [changedTo(cluster('a'), moved), true],
  'other endpoints and another cluster': [changedTo(cluster('a', 2000), moved), false],
  'a snapshot of which it is not known what differs': [{ type: 'snapshot', snapshot }, false],
  'the time that has come': [{ type: 'woken' }, false],
};

for (const [what, [event, expected]] of Object.entries(events)) {
  test(`${what} ${expected ? 'leaves a quiet stream quiet' : 'is a reason to look at all types'}`, () => {
    assert.equal(concernsEndpointsAlone(stateOf(), event), expected);
  });
}
