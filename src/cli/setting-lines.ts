import type { Setting } from '../explain/explanation.ts';
import { originWords } from './origin-words.ts';
import type { Terminal } from './terminal.ts';

/**
 * Settings for people: a line for all fields of a group that are written in the same object, `retries: count 3, on reset`, and where
 * the first of them is. What is written comes before defaults.
 */
export function settingLines(terminal: Terminal, settings: readonly Setting[]): readonly string[] {
  const lines = [...Map.groupBy(settings, (setting) => `${groupOf(setting)} ${setting.origin?.object ?? placeOf(setting)}`).values()];
  const written = lines.filter((line) => line.every(({ origin }) => origin));
  return [...written, ...lines.filter((line) => !written.includes(line))].map((line) => {
    const values = line.map(({ field, value }) => `${field.split('.').slice(1).join('.')} ${textOf(value)}`.trim());
    const head = line.slice(0, 1).map(groupOf).join('');
    return `${head}: ${values.join(', ')}${terminal.paint('dim', `  (${line.slice(0, 1).map(placeOf).join('')})`)}`;
  });
}

function groupOf({ field }: Setting): string {
  return field.split('.')[0] ?? '';
}

function placeOf({ origin }: Setting): string {
  return origin ? originWords(origin) : 'default';
}

function textOf(value: Setting['value']): string {
  if (typeof value !== 'object') return String(value);
  return value.length === 0 ? 'nothing' : value.join(' ');
}
