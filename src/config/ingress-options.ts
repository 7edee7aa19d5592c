import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { flags } from '../nginx/flag/index.ts';
import type { FlagReading } from '../nginx/read-flags.ts';
import { readFlag } from '../nginx/read-flags.ts';
import type { IngressSettings } from '../settings.ts';

/** An option that says how Ingresses are read. */
export interface IngressOption {
  /** As it is written behind `--`. */
  readonly name: string;
  readonly variable: string;
  /** Whether it may stand alone. */
  readonly isSwitch: boolean;
  /** Taken, and of no effect: the help leaves it out. */
  readonly isHidden: boolean;
  readonly doc: string;
}

/** A flag of ingress-nginx that is an option of a server by itself, and means the same. */
const ofCluster = 'kubeconfig';

const choices = {
  'ingress-dialect': { key: 'dialect', words: ['nginx', 'ack'], doc: "whose annotations Ingresses have: ingress-nginx's, or those of Alibaba's ACK" },
  'ingress-retries': {
    key: 'retries',
    words: ['nginx', 'recipe'],
    doc: "when requests of Ingresses are tried again: as ingress-nginx does, or by Sluice's recipe alone",
  },
  'ingress-escaped-slashes': {
    key: 'escapedSlashes',
    words: ['decode', 'keep'],
    doc: 'what backends get of a %2F in a path, on all ports of gateways: a slash, or %2F as it came',
  },
} as const;

/** Files on the machines of Envoys, which a server cannot look at. */
const files = {
  'ingress-geoip-city-database': {
    key: 'cityDatabase',
    doc: 'with use-geoip2: where the database GeoLite2-City.mmdb, or its like, is on the machines of Envoys',
  },
  'ingress-geoip-asn-database': { key: 'asnDatabase', doc: 'with use-geoip2: where the database GeoLite2-ASN.mmdb, or its like, is on the machines of Envoys' },
} as const;

const variableOf = (name: string): string => `SLUICE_${name.toUpperCase().replaceAll('-', '_')}`;

/** All of them: our own, then the flags of ingress-nginx by their names. */
export const ingressOptions: readonly IngressOption[] = [
  ...Object.entries(choices).map(([name, { words, doc }]) => ({
    name,
    variable: variableOf(name),
    isSwitch: false,
    isHidden: false,
    doc: `${doc} (${words.join(' or ')}; default: ${words[0]})`,
  })),
  ...Object.entries(files).map(([name, { doc }]) => ({ name, variable: variableOf(name), isSwitch: false, isHidden: false, doc })),
  ...Object.entries(flags)
    .filter(([name]) => name !== ofCluster)
    .map(([name, { verdict, isSwitch, doc }]) => ({
      name,
      variable: variableOf(name),
      isSwitch,
      isHidden: verdict === 'noop' || verdict === 'report',
      doc: `as ingress-nginx takes it: ${doc[0]?.toLowerCase()}${doc.slice(1).replace(/\.$/, '').replaceAll('`', '')}`,
    })),
];

/**
 * What the options say, then the environment. A wrong value is reported as `InvalidOption`, an option without effect as
 * `FlagIgnored` or `FlagInert`.
 * @param given what commander collected, under the names of the options in camelCase.
 */
export function ingressSettingsOf(
  given: object,
  env: Readonly<Record<string, string | undefined>>,
): { readonly settings: Partial<IngressSettings>; readonly diagnostics: readonly Diagnostic[] } {
  let settings: Partial<IngressSettings> = {};
  const diagnostics: Diagnostic[] = [];
  for (const { name, variable } of ingressOptions) {
    const option = (given as Readonly<Record<string, unknown>>)[camelCase(name)];
    const text = option === undefined ? env[variable] : String(option);
    if (text === undefined || text === '') continue;
    const field = option === undefined ? variable : `--${name}`;
    const reading = readOption(name, text);
    if (reading.type !== 'setting') diagnostics.push(told(reading, field, text));
    else settings = { ...settings, ...reading.setting };
  }
  return { settings, diagnostics };
}

type OptionReading =
  | Exclude<FlagReading, { readonly type: 'setting' }>
  | { readonly type: 'setting'; readonly setting: Partial<IngressSettings> }
  | { readonly type: 'no choice'; readonly words: string };

function readOption(name: string, text: string): OptionReading {
  if (isFile(name))
    return /^\/.*\.mmdb$/.test(text)
      ? { type: 'setting', setting: { [files[name].key]: text } }
      : { type: 'no choice', words: 'the path of a file, `/….mmdb`' };
  if (!isChoice(name)) return readFlag({ name, text });
  const { key, words } = choices[name];
  const word = (words as readonly string[]).find((one) => one === text);
  return word === undefined ? { type: 'no choice', words: words.join(' or ') } : { type: 'setting', setting: { [key]: word } };
}

function isChoice(name: string): name is keyof typeof choices {
  return Object.hasOwn(choices, name);
}

function isFile(name: string): name is keyof typeof files {
  return Object.hasOwn(files, name);
}

function told(reading: Exclude<OptionReading, { readonly type: 'setting' }>, field: string, text: string): Diagnostic {
  if (reading.type === 'without effect') {
    const code = reading.flag.verdict === 'noop' ? 'FlagInert' : 'FlagIgnored';
    return diagnostic(code, { field }, `${field} has no effect here. ${reading.flag.doc}`);
  }
  const form = reading.type === 'wrong' ? reading.flag.form.doc : reading.type === 'no choice' ? reading.words : 'a flag';
  return diagnostic('InvalidOption', { field }, `${JSON.stringify(text)} is not ${form}.`, `Give ${form}.`);
}

/** As commander names what `--disable-catch-all` gives. */
function camelCase(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
