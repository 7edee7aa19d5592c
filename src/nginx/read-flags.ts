import type { IngressSettings } from '../settings.ts';
import { flags } from './flag/index.ts';
import { logFlags } from './flag/log.ts';
import type { Flag } from './flag.ts';

/** A flag as it is written. */
export interface WrittenFlag {
  /** Without `--`. */
  readonly name: string;
  readonly text: string;
  /** Index of the word that it begins with. */
  readonly index: number;
}

/** What became of a written flag: what it says, or why it says nothing. */
export type FlagReading =
  | { readonly type: 'setting'; readonly flag: Flag; readonly setting: Partial<IngressSettings> }
  | { readonly type: 'without effect'; readonly flag: Flag }
  | { readonly type: 'wrong'; readonly flag: Flag }
  | { readonly type: 'unknown' };

/** Flags of the log, and ports that the Service and the listeners of Sluice have: nobody misses them. */
const passedOver = new Set(['http-port', 'https-port', ...Object.keys(logFlags)]);

/** The flags among words: `--name=value`, `--name value`, and `--name` of a switch. */
export function flagsIn(words: readonly string[]): readonly WrittenFlag[] {
  const found: WrittenFlag[] = [];
  for (const [index, word] of words.entries()) {
    const [, name, value] = /^--?([a-z][a-z_-]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined || passedOver.has(name)) continue;
    const next = words[index + 1];
    const standsAlone = flags[name]?.isSwitch || next === undefined || next.startsWith('-');
    found.push({ name, text: value ?? (standsAlone ? 'true' : next), index });
  }
  return found;
}

/** What a flag says. */
export function readFlag({ name, text }: Pick<WrittenFlag, 'name' | 'text'>): FlagReading {
  const flag = flags[name];
  if (!flag) return { type: 'unknown' };
  if (flag.verdict === 'noop' || flag.verdict === 'report') return { type: 'without effect', flag };
  const setting = flag.read(text);
  return setting ? { type: 'setting', flag, setting } : { type: 'wrong', flag };
}
