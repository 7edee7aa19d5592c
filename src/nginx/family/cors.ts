import type { Family } from '../family.ts';
import { bool, characters, int, text } from '../form.ts';

/**
 * What ingress-nginx lets through, written so that no text takes long: parts of origins in any order. Of the parts, those that are
 * no origin are left out when the list is read.
 */
const originCharacters = /^(?:(?:(?<=[a-z]):\/\/|\*\.|[A-Za-z0-9\-.]|:\d|,)*|\*)$/;
const origin = /^(?:[a-z]+:\/\/(?:\*\.)?[A-Za-z0-9\-.]*(?::\d+)?|\*|null)$/;
const methods = /^[A-Za-z]+(?:(?:,\s?|\s)[A-Za-z]+)*(?:,\s?|\s)?$/;
const exposedNames = /^[A-Za-z0-9\-_*]+(?:(?:,\s?|\s)[A-Za-z0-9\-_*]+)*(?:,\s?|\s)?$/;

const annotations = {
  enableCors: {
    name: 'enable-cors',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: bool,
    doc: 'Every `OPTIONS` of an allowed origin is answered with 204, before any check of who asks, and every answer to one has the headers of CORS, errors too.',
  },
  corsAllowOrigin: {
    name: 'cors-allow-origin',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'exact',
    form: text(originCharacters, 'a list of origins with commas between, or `*`', { ignoresSpaces: true }),
    doc: 'Origins that may ask, `*` if nothing is said: of any scheme (`tauri://localhost`), or `null`. `*.` stands for one label. Upper and lower case are the same, and whatever stands before an origin is passed over, as ingress-nginx does.',
  },
  corsAllowHeaders: {
    name: 'cors-allow-headers',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'exact',
    form: text(characters.headers, 'names of headers with commas between', { ignoresSpaces: true }),
    doc: 'The value of `Access-Control-Allow-Headers`.',
  },
  corsAllowMethods: {
    name: 'cors-allow-methods',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'exact',
    form: text(methods, 'methods with commas between', { ignoresSpaces: true }),
    doc: 'The value of `Access-Control-Allow-Methods`.',
  },
  corsAllowCredentials: {
    name: 'cors-allow-credentials',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: bool,
    doc: 'Whether `Access-Control-Allow-Credentials: true` is sent; it is if nothing is said, also with `*`, which browsers then do not accept for requests with credentials.',
  },
  corsExposeHeaders: {
    name: 'cors-expose-headers',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'exact',
    form: text(exposedNames, 'names of headers with commas between, or `*`', { ignoresSpaces: true }),
    doc: 'The value of `Access-Control-Expose-Headers`; none if nothing is said.',
  },
  corsMaxAge: {
    name: 'cors-max-age',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: int,
    doc: 'The value of `Access-Control-Max-Age`, in seconds; 1728000 if nothing is said.',
  },
} as const satisfies Family['annotations'];

/** What browsers are told. */
export interface NginxCors {
  /** `*` alone, or origins, in which `*.` may stand for one label. */
  readonly origins: readonly string[];
  /** Values of the headers, as written. */
  readonly methods: string;
  readonly headers: string;
  /** Undefined: none. */
  readonly exposedHeaders: string | undefined;
  readonly allowsCredentials: boolean;
  readonly maxAgeSeconds: number;
}

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#enable-cors */
export const cors: Family<NginxCors> = {
  name: 'cors',
  annotations,
  read(reader) {
    const enabled = reader.find(annotations.enableCors);
    if (enabled.type !== 'value') return { type: 'nothing', ...(enabled.type === 'missing' ? {} : { mistake: enabled.mistake }) };
    if (!enabled.value) return { type: 'nothing' };
    const origins = reader.find(annotations.corsAllowOrigin);
    if (origins.type === 'refused') reader.ignore(origins.mistake);
    const wellFormed = (value: string | undefined, form: RegExp): string | undefined => (value !== undefined && form.test(value) ? value : undefined);
    return {
      type: 'config',
      config: {
        origins: origins.type === 'value' ? originsOf(origins.value) : ['*'],
        methods: wellFormed(reader.value(annotations.corsAllowMethods), methods) ?? 'GET, PUT, POST, DELETE, PATCH, OPTIONS',
        headers:
          wellFormed(reader.value(annotations.corsAllowHeaders), characters.headers) ??
          'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization',
        exposedHeaders: wellFormed(reader.value(annotations.corsExposeHeaders), exposedNames),
        allowsCredentials: reader.value(annotations.corsAllowCredentials) ?? true,
        maxAgeSeconds: reader.value(annotations.corsMaxAge) ?? 1_728_000,
      },
    };
  },
};

function originsOf(written: string): readonly string[] {
  const parts = written.split(',').map((part) => part.trim());
  return parts.includes('*') ? ['*'] : parts.filter((part) => part !== '' && origin.test(part));
}
