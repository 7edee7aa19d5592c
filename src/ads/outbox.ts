import type { Clock } from '../clock.ts';
import type { Answer } from './answer.ts';
import type { Flights } from './flights.ts';
import { type EncodedAnswer, encodeAnswer } from './wire.ts';

/** What a stream has to say and its client has not taken yet. Only one message is encoded at a time. */
export interface Outbox {
  send(answer: Answer): void;
  /** Whether the client still has something to read. */
  isBusy(): boolean;
  /** Nothing is sent any more. */
  close(): void;
}

/** What an outbox works with, and whom it tells. */
export interface OutboxOptions {
  readonly flights: Flights;
  readonly clock: Clock;
  /** How long a client may take to read a message. */
  readonly readMs: number;
  /** Hands a message over; `taken` is to be called when it is out of this process's memory, or never. */
  readonly write: (message: EncodedAnswer, taken: () => void) => void;
  readonly onSent: (answer: Answer, bytes: number) => void;
  /** The client has taken everything. */
  readonly onEmpty: () => void;
  /** The client reads nothing for too long, or others need the memory. */
  readonly onDeaf: (reason: 'time' | 'memory') => void;
}

/** Makes the outbox of one stream. */
export function createOutbox({ flights, clock, readMs, write, onSent, onEmpty, onDeaf }: OutboxOptions): Outbox {
  let waiting: readonly Answer[] = [];
  let isWriting = false;
  let isOpen = true;
  let cancelWatch: (() => void) | undefined;

  function next(): void {
    const [answer, ...rest] = waiting;
    if (!answer || isWriting || !isOpen) return;
    waiting = rest;
    isWriting = true;
    const message = encodeAnswer(answer);
    const land = flights.begin(message.byteLength, () => onDeaf('memory'));
    cancelWatch = clock.after(readMs, () => onDeaf('time'));
    write(message, () => {
      message.release();
      land();
      cancelWatch?.();
      isWriting = false;
      next();
      if (!isWriting && isOpen) onEmpty();
    });
    onSent(answer, message.byteLength);
  }

  return {
    send(answer) {
      waiting = [...waiting, answer];
      next();
    },
    isBusy: () => isWriting || waiting.length > 0,
    close() {
      isOpen = false;
      waiting = [];
      cancelWatch?.();
    },
  };
}
