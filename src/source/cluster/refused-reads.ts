import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import { type Diagnostic, diagnostic } from '../../diagnostic.ts';
import { keyText, type ObjectKey } from '../../store/sink.ts';

export interface RefusedReadsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Reads one again. @returns false: there is no need to any more. */
  readonly again: (key: ObjectKey) => boolean;
  /** Told when `diagnostics` gives others. */
  readonly onChange: () => void;
}

/** Objects that something refers to and that the account may list, but not get. They are asked for again and again: nobody tells of rights that are given. */
export interface RefusedReads {
  /** @param message why. */
  refused(key: ObjectKey, message: string): void;
  /** It may be read, or is not there. */
  allowed(key: ObjectKey): void;
  /** `KindForbidden`, of each of them. */
  diagnostics(): readonly Diagnostic[];
  /** Asks no more. */
  stop(): void;
}

const askAgainMs = 10_000;

/** There are none yet. */
export function createRefusedReads({ clock, log, random, again, onChange }: RefusedReadsOptions): RefusedReads {
  const refused = new Map<string, { readonly key: ObjectKey; readonly message: string }>();
  let cancel: (() => void) | undefined;

  function askAgainLater(): void {
    if (refused.size === 0) return;
    cancel ??= clock.after(askAgainMs * (0.5 + random() / 2), () => {
      cancel = undefined;
      for (const { key } of [...refused.values()]) if (!again(key)) allowed(key);
      askAgainLater();
    });
  }

  function allowed(key: ObjectKey): void {
    if (refused.delete(keyText(key))) onChange();
  }

  return {
    refused(key, message) {
      const id = keyText(key);
      if (refused.get(id)?.message === message) return;
      refused.set(id, { key, message });
      log.error({ object: id, reason: message }, 'what something refers to may not be read');
      onChange();
      askAgainLater();
    },
    allowed,
    diagnostics: () => [...refused.values()].map(({ key, message }) => refusedRead(key, message)),
    stop: () => cancel?.(),
  };
}

function refusedRead({ kind, namespace, name }: ObjectKey, reason: string): Diagnostic {
  const object = `${kind} ${namespace}/${name}`;
  const message = `${object}, which something refers to, may not be read: ${reason.replace(/\.$/, '')}. It counts as missing, or as it was read last, and the rest goes on.`;
  return diagnostic('KindForbidden', { object }, message, 'Give the account the verb get for it, as the roles in deploy/ do.');
}
