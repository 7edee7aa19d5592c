import type { AccessLog } from '../../ir/gateway.ts';
import { memoized } from '../../memo/memoized.ts';
import type { Controller } from '../../nginx/controller.ts';
import { knowsPlace } from '../../nginx/places.ts';
import { compileRegex, ownRegexLimit } from '../../regex.ts';
import { type LogEscape, type LogReading, type RouteWord, readHttpLogFormat, readQuestionLogFormat, readStreamLogFormat } from './log-format.ts';
import { mapPattern } from './map-pattern.ts';

/** A setting of the log that does not hold. */
interface LogMistake {
  readonly key: string;
  readonly message: string;
  readonly remedy: string;
}

/** What the ConfigMap says of the log of requests. */
export interface HttpLog {
  /** Undefined: it says nothing. */
  readonly log: AccessLog | undefined;
  /** What routes must carry for it. */
  readonly words: readonly RouteWord[];
  readonly mistakes: readonly LogMistake[];
}

/** A ConfigMap with one of these asks for the log that ingress-nginx writes. */
const asking = [
  'access-log-params',
  'access-log-path',
  'disable-access-log',
  'disable-http-access-log',
  'enable-access-log-for-default-backend',
  'enable-auth-access-log',
  'http-access-log-path',
  'log-format-escape-json',
  'log-format-escape-none',
  'log-format-upstream',
  'skip-access-log-urls',
] as const;

/** The log of requests; the same for the same controller. */
export const httpLog = memoized((controller: Controller): HttpLog => {
  const { value, written } = controller;
  const knows = (variable: string): boolean => knowsPlace(controller, variable);
  if (!asking.some((key) => written[key] !== undefined)) return { log: undefined, words: [], mistakes: [] };
  if (value('disable-access-log') || value('disable-http-access-log')) return { log: { format: 'json', samplePercent: 0 }, words: [], mistakes: [] };
  const escaping: LogEscape = value('log-format-escape-none') ? 'none' : value('log-format-escape-json') ? 'json' : 'default';
  const reading = readHttpLogFormat(value('log-format-upstream'), escaping, knows);
  const skips = skippedPaths(value('skip-access-log-urls'));
  const mistakes = [
    ...unknownVariables('log-format-upstream', reading),
    ...(reading.isBrokenJson ? [brokenJson] : []),
    ...pathMistakes(value('http-access-log-path') ? 'http-access-log-path' : 'access-log-path', value('http-access-log-path') || value('access-log-path')),
    ...skips.refused.map((text) => ({
      key: 'skip-access-log-urls',
      message: `${JSON.stringify(text)} is no expression that Envoy understands, so such requests are logged.`,
      remedy: 'Write it without look-around and back references.',
    })),
  ];
  const log: AccessLog = {
    format: reading.format,
    samplePercent: 100,
    ...(value('enable-auth-access-log') && { questions: readQuestionLogFormat(value('log-format-upstream'), escaping, knows) }),
    ...(skips.regex !== undefined && { skippedPaths: skips.regex }),
    ...(!value('enable-access-log-for-default-backend') && { skipsUnknownHosts: true }),
  };
  return { log, words: reading.words, mistakes };
});

/** One expression for all, and the texts that Envoy would refuse. */
function skippedPaths(texts: readonly string[]): { readonly regex?: string; readonly refused: readonly string[] } {
  const taken: string[] = [];
  const refused: string[] = [];
  for (const text of texts) {
    const all = [...taken, mapPattern(text)].map((one) => `(?:${one})`).join('|');
    const compiled = compileRegex(all);
    if ('error' in compiled || compiled.size > ownRegexLimit) refused.push(text);
    else taken.push(mapPattern(text));
  }
  return { ...(taken.length > 0 && { regex: taken.map((one) => `(?:${one})`).join('|') }), refused };
}

const brokenJson: LogMistake = {
  key: 'log-format-escape-json',
  message: 'log-format-upstream is no JSON object, so its values are written as they are: quotes in them are not escaped.',
  remedy: 'Write a JSON object with variables as its values.',
};

function unknownVariables(key: string, { unknown }: LogReading): readonly LogMistake[] {
  return unknown.map((name) => ({ key, message: `Envoy does not know what $${name} is, so \`-\` stands in its place.`, remedy: 'Take it out of the format.' }));
}

/** What the image of ingress-nginx has on its standard output. */
const standardOutput: ReadonlySet<string> = new Set(['', '/var/log/nginx/access.log', '/dev/stdout', '/proc/1/fd/1', '/proc/self/fd/1']);

function pathMistakes(key: string, path: string): readonly LogMistake[] {
  if (standardOutput.has(path)) return [];
  const message = `The access log goes to the standard output of Envoy, and not to ${path}.`;
  return [{ key, message, remedy: 'Collect it from there, as from any container.' }];
}

/** A ConfigMap with one of these asks for a log of plain TCP and UDP. */
const askingOfStreams = ['access-log-path', 'disable-access-log', 'disable-stream-access-log', 'log-format-stream', 'stream-access-log-path'] as const;

/** The log of ports whose bytes go on as they come. `log` undefined: none is asked for. */
export function streamLog({ value, written }: Controller, protocol: 'TCP' | 'UDP'): { readonly log?: AccessLog; readonly mistakes: readonly LogMistake[] } {
  if (!askingOfStreams.some((key) => written[key] !== undefined)) return { mistakes: [] };
  if (value('disable-access-log') || value('disable-stream-access-log')) return { mistakes: [] };
  const reading = readStreamLogFormat(value('log-format-stream'), protocol);
  const path = value('stream-access-log-path');
  return {
    log: { format: reading.format, samplePercent: 100 },
    mistakes: [...unknownVariables('log-format-stream', reading), ...(path === '' ? [] : pathMistakes('stream-access-log-path', path))],
  };
}
