import { type ServerDuplexStream, status as statusCodes } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Snapshot, SnapshotChange } from '../resource.ts';
import type { Effect } from './effect.ts';
import { readDelta, readSotw } from './read-request.ts';
import type { Node } from './request.ts';
import type { Malformed, StreamMethod } from './services.ts';
import type { AdsObserver, NodeStatus } from './status.ts';
import { createStream, type StreamEvent } from './stream.ts';
import type { StreamLimits } from './stream-state.ts';
import { encodeAnswer } from './wire.ts';

/** A decoded request, or what was wrong with it; answers are ready encoded. */
export type XdsCall = ServerDuplexStream<object | Malformed, Buffer>;

/** One open stream. */
export interface Connection {
  /** Undefined until the client has named itself. */
  node(): Node | undefined;
  status(): NodeStatus;
  /** @param publishedAt milliseconds since 1970. */
  replaced(snapshot: Snapshot, change: SnapshotChange, publishedAt: number): void;
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
  /** What a node of a group is served; undefined while there is nothing. */
  readonly snapshotOf: (group: string, node: string) => Snapshot | undefined;
  /** Why a group has no snapshot. */
  readonly reasonFor: (group: string) => string;
  readonly onClosed: (connection: Connection) => void;
}

/** Connects the state machine of a stream with its socket: messages in, effects out, one timer. */
export function createConnection(options: ConnectionOptions): Connection {
  const { call, method, clock, log, observer } = options;
  let node: Node | undefined;
  let isOpen = true;
  /** Messages that the client has not taken from the connection yet, and the end of the watch on them. */
  let unread = 0;
  let cancelUnread: (() => void) | undefined;
  let timer: { readonly at: number; readonly cancel: () => void } | undefined;
  const stream = createStream({ ...method, peer: call.getPeer(), connectedAt: clock.now(), limits: options.limits });
  const status = (): NodeStatus => stream.status(clock.now(), options.reasonFor(node?.group ?? ''));
  const connection: Connection = {
    node: () => node,
    status,
    replaced: (snapshot, change, publishedAt) => run({ type: 'snapshot', snapshot, change, publishedAt }),
    end: (reason) => close(statusCodes.UNAVAILABLE, reason),
  };

  function run(event: StreamEvent): void {
    if (!isOpen) return;
    try {
      for (const effect of stream.step(event, clock.now())) apply(effect);
      arm();
    } catch (error) {
      // A bug of ours: this client begins anew, and all others go on.
      log.error({ err: error, peer: call.getPeer() }, 'xDS stream failed');
      close(statusCodes.INTERNAL, 'internal error');
    }
  }

  function apply(effect: Effect): void {
    if (!isOpen) return;
    switch (effect.type) {
      case 'identified': {
        node = effect.node;
        log.info(
          { node: node.id, group: node.group, agent: node.agent, peer: call.getPeer(), protocol: method.protocol, only: method.only },
          'xDS stream opened',
        );
        observer.streamOpened(status());
        const snapshot = options.snapshotOf(node.group, node.id);
        if (snapshot) run({ type: 'snapshot', snapshot });
        return;
      }
      case 'send': {
        const { type, resources, removed } = effect.answer;
        const message = encodeAnswer(effect.answer);
        write(message);
        observer.pushed(status(), { type, resources: resources.length, removed: removed.length, bytes: message.length });
        return;
      }
      case 'acked': {
        const { resourceType: type, afterMs, sinceEventMs } = effect;
        observer.acked(status(), { type, afterMs, ...(sinceEventMs === undefined ? {} : { sinceEventMs }) });
        return;
      }
      case 'nacked': {
        const { type, message, resources } = effect.nack;
        log.warn({ node: node?.id, group: node?.group, type, resources: resources.map(({ name }) => name), reason: message }, 'Envoy refused resources');
        observer.nacked(status(), effect.nack);
        return;
      }
      case 'ignored':
        log.info({ node: node?.id, group: node?.group, reason: effect.reason }, 'xDS request ignored');
        return;
      case 'close':
        close(statusCodes[effect.code], effect.message);
    }
  }

  /** What a client does not read stays in the memory of the server: it may not stand still for longer than `replyMs`. */
  function write(message: Buffer): void {
    unread += 1;
    cancelUnread ??= clock.after(options.limits.replyMs, deaf);
    call.write(message, () => {
      unread -= 1;
      cancelUnread?.();
      cancelUnread = unread > 0 && isOpen ? clock.after(options.limits.replyMs, deaf) : undefined;
    });
  }

  function deaf(): void {
    close(statusCodes.DEADLINE_EXCEEDED, `the client reads nothing of what it was sent ${options.limits.replyMs} ms ago`);
  }

  function arm(): void {
    const at = stream.wakeAt();
    if (!isOpen || at === timer?.at) return;
    timer?.cancel();
    timer = at === undefined ? undefined : { at, cancel: clock.after(Math.max(0, at - clock.now()), wake) };
  }

  function wake(): void {
    timer = undefined;
    run({ type: 'woken' });
  }

  /** The client is gone, or is told so by `close`. */
  function ended(reason: string): void {
    if (!isOpen) return;
    isOpen = false;
    timer?.cancel();
    cancelUnread?.();
    options.onClosed(connection);
    if (!node) return;
    log.info({ node: node.id, group: node.group, reason }, 'xDS stream closed');
    observer.streamClosed(status(), reason);
  }

  function close(code: statusCodes, details: string): void {
    if (!isOpen) return;
    ended(details);
    call.emit('error', { code, details });
  }

  call.on('error', (error) => ended(error.message));
  call.on('cancelled', () => ended('the client went away'));
  call.on('data', (message: object | Malformed) => {
    if ('malformed' in message) close(statusCodes.INVALID_ARGUMENT, `the message cannot be read: ${message.malformed}`);
    else run({ type: 'request', request: method.protocol === 'sotw' ? readSotw(message) : readDelta(message) });
  });
  call.on('end', () => {
    ended('the client ended the stream');
    call.end();
  });
  return connection;
}
