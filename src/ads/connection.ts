import { type ServerDuplexStream, status as statusCodes } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { type Clock, dateOf } from '../clock.ts';
import { reasonOf } from '../reason.ts';
import type { ResourceType, Snapshot } from '../resource.ts';
import { createAudit } from './audit.ts';
import type { AskedStream } from './client-status/client-status-answer.ts';
import { atMoment } from './deadline.ts';
import type { FeedReader } from './feed.ts';
import type { Flights } from './flights.ts';
import type { Entrance } from './limit/gate.ts';
import { giveBack } from './message/give-back.ts';
import { createRequestReader } from './message/read-request.ts';
import type { Repeated } from './message/repeated.ts';
import type { EncodedAnswer } from './message/wire.ts';
import { createOutbox } from './outbox.ts';
import type { Refusals } from './refusal/refusals.ts';
import type { StreamMethod } from './services.ts';
import type { Effect } from './stream/effect.ts';
import type { Lane, StreamEvent } from './stream/event.ts';
import type { Acknowledged } from './stream/holdings.ts';
import type { Node, XdsRequest } from './stream/request.ts';
import type { AdsObserver, NodeIdentity, NodeStatus } from './stream/status.ts';
import { createStream } from './stream/stream.ts';
import type { StreamLimits } from './stream/stream-state.ts';
import type { Turns } from './turns.ts';

/** Requests as they come, answers ready encoded. */
export type XdsCall = ServerDuplexStream<Buffer, EncodedAnswer>;

/** One open stream. */
export interface Connection extends AskedStream {
  status(): NodeStatus;
  /** What its client has acknowledged of a type. */
  acknowledged(type: ResourceType): readonly Acknowledged[];
  /** Whether its client has a resource, or may have it. */
  mayHave(type: ResourceType, name: string): boolean;
  /** Answers at once what was published of endpoints, which is little; anything else may be large, and waits for the stream's turn. */
  sendEndpoints(): void;
  /** Asks for a turn, as there may be more to say than endpoints. */
  askForTurn(): void;
  /** Ends the stream with `UNAVAILABLE`, so that the client comes back. */
  end(reason: string): void;
}

export interface ConnectionOptions {
  readonly call: XdsCall;
  readonly method: StreamMethod;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observer: AdsObserver;
  readonly limits: StreamLimits;
  /** What all streams of the server share. */
  readonly flights: Flights;
  readonly turns: Turns;
  readonly repeated: Repeated;
  readonly refusals: Refusals;
  readonly entrance: Entrance;
  /** What is published from now on. */
  readonly feed: FeedReader;
  /** How long it may stand without a first request. */
  readonly firstRequestMs: number;
  /** What a node of a group is served; undefined while there is nothing. */
  readonly snapshotOf: (group: string, node: string) => Snapshot | undefined;
  /** Why a group has no snapshot. */
  readonly reasonFor: (group: string) => string;
  readonly onClosed: (connection: Connection) => void;
}

const woken: StreamEvent = { type: 'woken' };

/** Connects the state machine of a stream with its socket: messages in, effects out, one timer. */
export function createConnection(options: ConnectionOptions): Connection {
  const { call, method, clock, log, observer, turns, entrance, feed } = options;
  const { admission } = entrance;
  let node: Node | undefined;
  let identity: NodeIdentity | undefined;
  let isOpen = true;
  let timer: { readonly at: number; readonly cancel: () => void } | undefined;
  /** Whether the stream is to have a turn when its client has read everything. */
  let isDue = false;
  /** Whether there may be more to say than was allowed to be said at once. */
  let mayHaveMore = false;
  const peer = call.getPeer();
  const openedAt = clock.steady();
  const connectedAt = clock.now();
  const audit = createAudit({ ...method, peer, client: entrance.client, openedAt });
  const stream = createStream({ ...method, peer, connectedAt: openedAt, limits: options.limits, refusalsOf: options.refusals.of });
  const reader = createRequestReader(method.protocol, options.repeated);
  const outbox = createOutbox({
    flights: options.flights,
    write: (message, taken) => call.write(message, taken),
    onSent({ type, resources, removed }, bytes) {
      audit.sent(type, bytes);
      if (identity) observer.pushed(identity, { type, resources: resources.length, removed: removed.length, bytes });
    },
    onEmpty() {
      if (isDue) turns.add(takeTurn);
      isDue = false;
    },
    onDeaf: (reason) =>
      reason === 'time'
        ? close(statusCodes.DEADLINE_EXCEEDED, `the client reads nothing of what it was sent ${options.limits.replyMs} ms ago`)
        : close(statusCodes.RESOURCE_EXHAUSTED, 'the client does not read what it was sent, and too much waits for such clients'),
  });
  const dated = <Told extends { readonly at?: number }>(told: Told): Told => (told.at === undefined ? told : { ...told, at: dateOf(clock, told.at) });
  function status(): NodeStatus {
    catchUp();
    const told = stream.status(clock.steady(), options.reasonFor(node?.group ?? ''));
    return { ...told, connectedAt: dateOf(clock, openedAt), ...(told.lastNack ? { lastNack: dated(told.lastNack) } : {}) };
  }
  const connection: Connection = {
    node: () => node,
    status,
    resources() {
      catchUp();
      return stream.resources().map(({ sentAt, refusal, ...told }) => ({
        ...told,
        ...(sentAt === undefined ? {} : { sentAt: dateOf(clock, sentAt) }),
        ...(refusal ? { refusal: dated(refusal) } : {}),
      }));
    },
    acknowledged(type) {
      catchUp();
      return stream.acknowledged(type);
    },
    mayHave: (type, name) => stream.mayHave(type, name),
    sendEndpoints: () => step(undefined, 'endpoints'),
    askForTurn: () => turns.add(takeTurn),
    end: (reason) => close(statusCodes.UNAVAILABLE, reason),
  };

  /** Takes note of what is new, and answers nothing yet. */
  const catchUp = (): void => step(undefined, 'none');

  function takeTurn(): void {
    if (outbox.isBusy()) {
      isDue = true;
      catchUp();
    } else step(undefined, 'all');
  }

  /** An event of this stream alone: where others wait, it may be answered at once with endpoints only. */
  function run(event: StreamEvent): void {
    const mustWait = turns.isBusy() || outbox.isBusy();
    step(event, mustWait ? 'endpoints' : 'all');
    if (mustWait && isOpen) turns.add(takeTurn);
  }

  /** @param event comes after what was published before it; undefined: the newest of that is answered. */
  function step(event: StreamEvent | undefined, lane: Lane): void {
    if (!isOpen) return;
    try {
      const now = clock.steady();
      let published: StreamEvent | undefined;
      for (let one = feed.next(node); one; one = feed.next(node)) {
        if (published) stream.step(published, now, 'none');
        published = one;
      }
      if (event && published) stream.step(published, now, 'none');
      const last = event ?? published ?? (lane !== 'none' && mayHaveMore ? woken : undefined);
      // All that was published is for others.
      if (!last) return;
      mayHaveMore = lane !== 'all';
      for (const effect of stream.step(last, now, lane)) apply(effect);
      arm(now);
    } catch (error) {
      // A bug of ours: this client begins anew, and all others go on.
      log.error({ err: error, peer }, 'xDS stream failed');
      close(statusCodes.INTERNAL, 'internal error');
    }
  }

  function apply(effect: Effect): void {
    if (!isOpen) return;
    switch (effect.type) {
      case 'identified': {
        node = effect.node;
        identity = { ...node, protocol: method.protocol, ...(method.only ? { only: method.only } : {}), peer, connectedAt };
        log.info(audit.subject(), 'xDS stream opened');
        observer.streamOpened(identity);
        const snapshot = options.snapshotOf(node.group, node.id);
        if (snapshot) run({ type: 'snapshot', snapshot });
        return;
      }
      case 'send':
        outbox.send(effect.answer);
        admission.answered();
        return;
      case 'acked': {
        const { resourceType: type, afterMs, event } = effect;
        audit.acked();
        if (identity) observer.acked(identity, { type, afterMs, ...(event && { event }) });
        return;
      }
      case 'nacked': {
        const { type, message, resources } = effect.nack;
        audit.nacked();
        const line = { node: node?.id, group: node?.group, type, resources: resources.map(({ name, piece }) => piece ?? name), reason: message };
        if (effect.nack.isSearching) log.info(line, 'Envoy refused one of these resources; searching for it');
        else log.warn(line, 'Envoy refused resources');
        if (identity) observer.nacked(identity, dated(effect.nack));
        return;
      }
      case 'ignored':
        log.info({ node: node?.id, group: node?.group, reason: effect.reason }, 'xDS request ignored');
        return;
      case 'close':
        close(statusCodes[effect.code], effect.message);
    }
  }

  function arm(now: number): void {
    const at = stream.wakeAt();
    // Woken too early, a stream has nothing to say, and is woken again: cheaper than a new timer for every step.
    if (!isOpen || at === undefined || (timer && timer.at <= at)) return;
    timer?.cancel();
    timer = { at, cancel: clock.after(Math.max(0, at - now), wake) };
  }

  function wake(): void {
    timer = undefined;
    run(woken);
  }

  /** The client is gone, or is told so by `close`. */
  function ended(reason: string, code?: statusCodes): void {
    if (!isOpen) return;
    isOpen = false;
    timer?.cancel();
    cancelSilent();
    cancelExpiry?.();
    outbox.close();
    turns.remove(takeTurn);
    options.onClosed(connection);
    if (node) options.refusals.of(node.group, node.agent).over(node.id);
    const line = { ...audit.summary(clock.steady()), reason };
    if (identity) {
      log.info(line, 'xDS stream closed');
      observer.streamClosed(identity, reason);
    } else entrance.unserved(line, code);
  }

  function close(code: statusCodes, details: string): void {
    if (!isOpen) return;
    ended(details, code);
    call.emit('error', { code, details });
    entrance.ended(code);
  }

  function receive(request: XdsRequest): void {
    if (!node && request.node) audit.named(request.node);
    const refused = admission.refuses(request, clock.steady());
    if (refused) close(statusCodes[refused.code], refused.message);
    else run({ type: 'request', request });
  }

  const cancelSilent = clock.after(options.firstRequestMs, () => close(statusCodes.DEADLINE_EXCEEDED, `no first request within ${options.firstRequestMs} ms`));

  // A stream may be open for months: without this its client would be believed as long.
  const { clientUntil } = entrance;
  const cancelExpiry =
    clientUntil === undefined ? undefined : atMoment(clock, clientUntil, () => close(statusCodes.UNAUTHENTICATED, 'the certificate of the client has ended'));

  entrance.watch(cancelSilent, close);
  call.on('error', (error) => ended(error.message));
  call.on('cancelled', () => ended('the client went away'));
  call.on('data', (message: Buffer) => {
    if (!node) cancelSilent();
    if (!isOpen) return;
    let request: XdsRequest;
    try {
      request = reader.read(message);
    } catch (error) {
      close(statusCodes.INVALID_ARGUMENT, `the message cannot be read: ${reasonOf(error)}`);
      return;
    }
    // What was read of it is copied.
    giveBack(message);
    receive(request);
  });
  call.on('end', () => {
    ended('the client ended the stream');
    call.end();
  });
  return connection;
}
