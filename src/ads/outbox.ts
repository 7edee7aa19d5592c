import type { Flights } from './flights.ts';
import { type EncodedAnswer, encodeAnswer } from './message/wire.ts';
import type { Answer } from './stream/answer.ts';

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
  /** Hands a message over; `taken` is to be called when it is out of this process's memory, or never. */
  readonly write: (message: EncodedAnswer, taken: () => void) => void;
  readonly onSent: (answer: Answer, bytes: number) => void;
  /** The client has taken everything. */
  readonly onEmpty: () => void;
  /** The client reads nothing for too long, or others need the memory. */
  readonly onDeaf: (reason: 'time' | 'memory') => void;
}

/** Makes the outbox of one stream. */
export function createOutbox({ flights, write, onSent, onEmpty, onDeaf }: OutboxOptions): Outbox {
  const waiting: Answer[] = [];
  const flight = flights.open((reason) => {
    if (isOpen) onDeaf(reason);
  });
  /** What is being read. */
  let message: EncodedAnswer | undefined;
  let isOpen = true;

  function next(): void {
    if (message || !isOpen) return;
    const answer = waiting.shift();
    if (!answer) return;
    message = encodeAnswer(answer);
    const { byteLength } = message;
    flight.begin(byteLength);
    write(message, taken);
    onSent(answer, byteLength);
  }

  function taken(): void {
    message?.release();
    message = undefined;
    flight.land();
    next();
    if (!message && isOpen) onEmpty();
  }

  return {
    send(answer) {
      waiting.push(answer);
      next();
    },
    isBusy: () => message !== undefined || waiting.length > 0,
    close() {
      isOpen = false;
      waiting.length = 0;
    },
  };
}
