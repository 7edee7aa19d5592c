import { memoized } from '../memo/memoized.ts';
import { knownCiphers } from './ciphers.ts';
import type { Controller } from './controller.ts';
import { ticketKeyIn } from './ticket-key.ts';

/** Versions of TLS, oldest first. */
const versions = ['1.0', '1.1', '1.2', '1.3'] as const;

type Version = (typeof versions)[number];

/** What holds for TLS of clients. */
export interface ListenerTls {
  readonly minimumVersion: Version;
  readonly maximumVersion?: Version;
  /** Undefined: those of Envoy. */
  readonly ciphers?: readonly string[];
  /** Undefined: those of Envoy. */
  readonly curves?: readonly string[];
  readonly refusesTickets?: true;
  readonly sessionSeconds?: number;
}

interface TlsMistake {
  readonly key: string;
  readonly message: string;
}

/** What a text about TLS means here, and the sentences about what of it does not. */
interface Read<Value> {
  readonly value: Value;
  readonly mistakes: readonly string[];
}

/** What the `ssl-*` of the ConfigMap say, as far as they are written. What BoringSSL cannot do never leads to something weaker. The same for the same controller. */
export const listenerTlsOf = memoized(({ value, written }: Controller): { readonly tls: ListenerTls; readonly mistakes: readonly TlsMistake[] } => {
  const isWritten = (key: string): boolean => written[key] !== undefined && written[key] !== '';
  const protocols = readProtocols(value('ssl-protocols'));
  const ciphers: Read<readonly string[] | undefined> = isWritten('ssl-ciphers') ? readCiphers(value('ssl-ciphers')) : { value: undefined, mistakes: [] };
  const curves = readCurves(value('ssl-ecdh-curve'));
  const sessionSeconds = Math.round(value('ssl-session-timeout') / 1000);
  const tls: ListenerTls = {
    ...protocols.value,
    ...withCiphers(ciphers.value),
    ...(curves.value.length > 0 && { curves: curves.value }),
    ...(isWritten('ssl-session-tickets') && !value('ssl-session-tickets') && { refusesTickets: true as const }),
    ...(isWritten('ssl-session-timeout') && sessionSeconds > 0 && { sessionSeconds }),
  };
  const at = (key: string, mistakes: readonly string[]): readonly TlsMistake[] => mistakes.map((message) => ({ key, message }));
  return {
    tls,
    mistakes: [
      ...at('ssl-protocols', protocols.mistakes),
      ...at('ssl-ciphers', ciphers.mistakes),
      ...at('ssl-ecdh-curve', curves.mistakes),
      ...at('ssl-session-ticket-key', ticketKeyMistakes(value('ssl-session-ticket-key'))),
    ],
  };
});

/** Without a word of the key itself. */
function ticketKeyMistakes(text: string): readonly string[] {
  if (text === '' || ticketKeyIn(text)) return [];
  return ['It is not 80 bytes as base64, so each Envoy makes keys of its own, and takes up no session of another.'];
}

/** Without a cipher that is known there is TLS 1.3 alone, whose ciphers are not chosen by these names. */
export function withCiphers(
  ciphers: readonly string[] | undefined,
): Pick<ListenerTls, 'ciphers'> | { readonly minimumVersion: '1.3'; readonly maximumVersion: '1.3' } {
  if (!ciphers) return {};
  return ciphers.length > 0 ? { ciphers } : { minimumVersion: '1.3', maximumVersion: '1.3' };
}

/** Envoy takes a lowest and a highest version: of a list with a gap the versions above it hold. */
function readProtocols(text: string): Read<Pick<ListenerTls, 'minimumVersion' | 'maximumVersion'>> {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const named: readonly Version[] = versions.filter((version) => words.includes(`TLSv${version}`) || (version === '1.0' && words.includes('TLSv1')));
  const unknown = words.filter((word) => !/^TLSv1(\.[0123])?$/.test(word));
  const mistakes = unknown.map((word) => `Envoy does not speak ${word}, so it is left out.`);
  const highest = named.at(-1);
  if (highest === undefined)
    return { value: { minimumVersion: '1.2' }, mistakes: [...mistakes, 'It names no version of TLS that Envoy speaks, so 1.2 and 1.3 hold.'] };
  let lowest = versions.indexOf(highest);
  while (lowest > 0 && named.includes(versions[lowest - 1] ?? '1.3')) lowest -= 1;
  const minimumVersion = versions[lowest] ?? highest;
  const dropped = named.filter((version) => versions.indexOf(version) < lowest);
  return {
    value: { minimumVersion, ...(highest !== '1.3' && { maximumVersion: highest }) },
    mistakes: [...mistakes, ...dropped.map((version) => `TLS ${version} is left out, as a version above it is missing from the list.`)],
  };
}

/** Classes of ciphers without a member that BoringSSL has by these names: to exclude them changes nothing. */
const absent =
  /^(aNULL|eNULL|NULL|EXPORT\d*|EXP|LOW|MEDIUM|DES|3DES|RC2|RC4|MD5|PSK|SRP|DSS|aDSS|ADH|AECDH|aECDH|aDH|kDH|kECDH|DH|DHE|EDH|kEDH|IDEA|SEED|CAMELLIA|ARIA|KRB5(-DES)?|CBC3-SHA|.*-DES-CBC3-SHA)$/;

/** Ciphers of `ssl-ciphers`, in their order; those that BoringSSL does not know, and words for many, are told of. Names of TLS 1.3 are passed over, as nginx does. */
export function readCiphers(text: string): Read<readonly string[]> {
  const words = text.split(/[:, ]+/).filter((word) => word !== '' && !word.startsWith('TLS_'));
  const excluded = words.filter((word) => /^[!-]/.test(word)).map((word) => word.slice(1));
  const named = words.filter((word) => !/^[!-]/.test(word));
  const value = [...new Set(named)].filter((word) => knownCiphers.has(word) && !excluded.includes(word));
  const unknown = [
    ...named.filter((word) => !knownCiphers.has(word)),
    ...excluded.filter((word) => !knownCiphers.has(word) && !absent.test(word)).map((word) => `!${word}`),
  ];
  return {
    value,
    mistakes: [
      ...(unknown.length > 0 ? [`Envoy does not know ${unknown.join(', ')}, so ${unknown.length === 1 ? 'it is' : 'they are'} left out.`] : []),
      ...(value.length === 0 ? ['It names no cipher that Envoy knows, so TLS 1.3 alone is spoken.'] : []),
    ],
  };
}

/** Names of OpenSSL and BoringSSL for groups of the key exchange. */
const curveNames: Readonly<Record<string, string>> = {
  X25519: 'X25519',
  X25519MLKEM768: 'X25519MLKEM768',
  'P-256': 'P-256',
  'P-384': 'P-384',
  'P-521': 'P-521',
  prime256v1: 'P-256',
  secp256r1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
};

function readCurves(text: string): Read<readonly string[]> {
  const words = text.split(':').filter((word) => word !== '' && word !== 'auto');
  const value = [...new Set(words.flatMap((word) => curveNames[word] ?? []))];
  const unknown = words.filter((word) => !curveNames[word]);
  const rest = value.length === 0 ? ', and those of Envoy hold' : '';
  return {
    value,
    mistakes: unknown.length > 0 ? [`Envoy does not know ${unknown.join(', ')}, so ${unknown.length === 1 ? 'it is' : 'they are'} left out${rest}.`] : [],
  };
}
