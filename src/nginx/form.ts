/** What the text of an annotation or a setting may be, and what it means. */
export interface Form<Value> {
  /** For people: `whole number`, `on or off`. */
  readonly doc: string;
  /** Whether ingress-nginx lets the text through its validation; of an annotation that fails it drops the whole Ingress, unless the feature says otherwise. */
  accepts(text: string): boolean;
  /** The value. Undefined: the text passed, and still means nothing. */
  read(text: string): Value | undefined;
}

/** Characters that ingress-nginx allows everywhere. */
const basicCharacters = '\\-._~a-zA-Z0-9/:';

/** The sets of characters that annotations may hold. @see https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/annotations/parser/validators.go */
export const characters = {
  basic: new RegExp(`^[${basicCharacters}]*$`),
  withSpace: new RegExp(`^[${basicCharacters} ]*$`),
  list: new RegExp(`^[${basicCharacters}, ]*$`),
  regex: new RegExp(`^[${basicCharacters}^$[\\](){}*+?|&=\\\\]*$`),
  url: new RegExp(`^[${basicCharacters},?&=]*$`),
  urlWithVariables: new RegExp(`^[${basicCharacters}, ?&=$]*$`),
  variable: /^[A-Za-z0-9\-_${}]*$/,
  pathWithCapture: new RegExp(`^[${basicCharacters}$]*$`),
  headers: /^[A-Za-z0-9\-_, ]*$/,
} as const;

/** A text of some characters, its lines trimmed; empty means nothing. `ignoresSpaces`: spaces do not count when it is checked. */
export function text(allowed: RegExp, doc: string, { ignoresSpaces = false }: { readonly ignoresSpaces?: boolean } = {}): Form<string> {
  return {
    doc,
    accepts: (value) => allowed.test(ignoresSpaces ? value.replaceAll(' ', '') : value) && !/[\r\n]/.test(value),
    read: trimmedLines,
  };
}

/** Any text, as snippets are. */
export const anyText: Form<string> = { doc: 'any text', accepts: () => true, read: trimmedLines };

/** A word without spaces. */
export const word: Form<string> = { doc: 'a word', accepts: (value) => /^\S+$/.test(value), read: (value) => value };

/** An object of Kubernetes. */
export const objectName: Form<string> = {
  doc: '`NAMESPACE/NAME`',
  accepts: (value) => /^[a-z0-9-]+\/[a-z0-9.-]+$/.test(value),
  read: (value) => value,
};

/** `true`, `T`, `1`, `false`, `F`, `0` and their like, as Go reads them. @see https://pkg.go.dev/strconv#ParseBool */
export const bool: Form<boolean> = { doc: '`true` or `false`', accepts: (value) => goBool(value) !== undefined, read: goBool };

/** A whole number, with a sign at most. */
export const int: Form<number> = { doc: 'a whole number', accepts: (value) => goInt(value) !== undefined, read: goInt };

/** A share, from 0 to 1. */
export const share: Form<number> = { doc: 'a number from 0 to 1', accepts: (value) => shareOf(value) !== undefined, read: shareOf };

function shareOf(value: string): number | undefined {
  return /^(0|1|0?\.\d+|1\.0*)$/.test(value.trim()) ? Number(value) : undefined;
}

/** One of some words. */
export function oneOf<Word extends string>(words: readonly Word[], { ignoresCase = false }: { readonly ignoresCase?: boolean } = {}): Form<Word> {
  const wordOf = (value: string): Word | undefined => words.find((word) => word === (ignoresCase ? value.trim().toLowerCase() : value.trim()));
  return { doc: words.map((word) => `\`${word}\``).join(', '), accepts: (value) => wordOf(value) !== undefined, read: wordOf };
}

function goBool(value: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)) return true;
  return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value) ? false : undefined;
}

function goInt(value: string): number | undefined {
  return /^[+-]?\d{1,15}$/.test(value) ? Number(value) : undefined;
}

function trimmedLines(value: string): string | undefined {
  const trimmed = value
    .split('\n')
    .map((line) => line.trim())
    .join('\n');
  return trimmed === '' ? undefined : trimmed;
}

/** Words with commas between; empty ones are left out. */
export const list: Form<readonly string[]> = {
  doc: 'a list with commas between',
  accepts: () => true,
  read: (value) =>
    value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
};

/** A duration as Go writes it, in milliseconds. @see https://pkg.go.dev/time#ParseDuration */
export const goDuration: Form<number> = {
  doc: 'a duration: `5s`, `1m30s`',
  accepts: (value) => goMilliseconds(value) !== undefined,
  read: goMilliseconds,
};

const millisecondsOf = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

function goMilliseconds(value: string): number | undefined {
  if (!/^(\d{1,9}(\.\d{1,9})?(ms|[smh]))+$/.test(value)) return undefined;
  const parts = [...value.matchAll(/([\d.]+)(ms|[smh])/g)];
  return Math.round(parts.reduce((sum, [, number, unit]) => sum + Number(number) * millisecondsOf[unit as keyof typeof millisecondsOf], 0));
}

/** A size as nginx writes it: `1000`, `8k`, `1m`; in bytes. With `b`, or with spaces between, it passes and means nothing. */
export const size: Form<number> = {
  doc: 'a size: `8k`, `1m`',
  accepts: (value) => /^\d{1,15}[bkmg]?$/i.test(value.replaceAll(' ', '')),
  read: (value) => bytesOf(value.trim()),
};

function bytesOf(value: string): number | undefined {
  const [, number, unit = ''] = /^(\d{1,15})([kmg]?)$/i.exec(value) ?? [];
  const factor = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[unit.toLowerCase()];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}

const failures = [
  'error',
  'timeout',
  'invalid_header',
  'http_500',
  'http_502',
  'http_503',
  'http_504',
  'http_403',
  'http_404',
  'http_429',
  'non_idempotent',
  'off',
] as const;

/** Failures after which nginx asks the next server. @see https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream */
export type UpstreamFailure = (typeof failures)[number];

/** Some of them, with spaces between. */
export const upstreamFailures: Form<readonly UpstreamFailure[]> = {
  doc: `some of ${failures.map((one) => `\`${one}\``).join(', ')}, with spaces between`,
  accepts: (value) => failuresOf(value).length > 0,
  read: (value) => failuresOf(value),
};

function failuresOf(value: string): readonly UpstreamFailure[] {
  const words = value.split(/\s/).filter((word) => word !== '');
  const found = words.flatMap((word) => failures.filter((one) => one === word));
  return found.length === words.length ? found : [];
}
