import type { Annotation } from '../annotation.ts';
import { type AnnotationReader, type Family, valueOr } from '../family.ts';
import { characters, text } from '../form.ts';

const common = { scope: 'location', risk: 'Medium', verdict: 'near' } as const;
const url = text(characters.url, 'letters, digits and `-._~/:,?&=`', { ignoresSpaces: true });

const annotations = {
  proxyCookieDomain: {
    name: 'proxy-cookie-domain',
    ...common,
    form: text(characters.basic, 'two domains', { ignoresSpaces: true }),
    doc: 'Two domains with a space between: cookies of the backend that are for the first are made to be for the second.',
    difference: {
      example: 'GET / whose backend sets a cookie, with `proxy-cookie-domain: ~\\.internal$ shop.example`',
      holdsFor: (text) => text.trim().startsWith('~'),
      nginx: 'Takes what begins with `~` for an expression.',
      sluice: 'Compares domains as they are written, without regard to case; the dot at the start of one stays.',
      remedy: 'Write the domain that the backend names.',
    },
  },
  proxyCookiePath: {
    name: 'proxy-cookie-path',
    ...common,
    form: url,
    doc: 'Two paths with a space between: the first, where a cookie of the backend has a path that begins so, is replaced by the second.',
    difference: {
      example: 'GET / whose backend sets a cookie, with `proxy-cookie-path: ~^/app(.*) /$1`',
      holdsFor: (text) => text.trim().startsWith('~'),
      nginx: 'Takes what begins with `~` for an expression.',
      sluice: 'Compares the beginning of the path as it is written.',
      remedy: 'Write the beginning that the backend names.',
    },
  },
  proxyRedirectFrom: {
    name: 'proxy-redirect-from',
    ...common,
    form: url,
    doc: 'How a Location of the backend, or the URL of a Refresh, begins that is changed; `off` changes none.',
    difference: {
      example: 'GET / whose backend redirects, with `proxy-redirect-from: ~^http://[^/]+/`',
      holdsFor: (text) => text.trim().startsWith('~'),
      nginx: 'Takes what begins with `~` for an expression.',
      sluice: 'Compares the beginning of Location as it is written.',
      remedy: 'Write the beginning that the backend names.',
    },
  },
  proxyRedirectTo: {
    name: 'proxy-redirect-to',
    ...common,
    form: url,
    doc: 'What takes the place of `proxy-redirect-from`.',
    difference: {
      example: 'GET / whose backend redirects, with `proxy-redirect-to: $scheme://$host/`, which passes only where validation is off',
      holdsFor: (text) => text.includes('$'),
      nginx: 'Puts the values in the place of variables.',
      sluice: 'Writes the text as it is.',
      remedy: 'Write scheme and host out.',
    },
  },
} as const satisfies Readonly<Record<string, Annotation<string>>>;

/** A beginning, or a whole value, and what takes its place. */
interface Replacement {
  readonly from: string;
  readonly to: string;
}

/** Which places in answers of backends are changed. */
interface AnswerPlaces {
  readonly location?: Replacement;
  readonly cookieDomain?: Replacement;
  readonly cookiePath?: Replacement;
}

/** A part of what ingress-nginx reads as one; none of it drops an Ingress. @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#proxy-redirect */
export const answerPlaces: Family<AnswerPlaces> = {
  name: 'answer-places',
  annotations,
  read(reader) {
    const { controller } = reader;
    const from = valueOr(reader, annotations.proxyRedirectFrom, controller.value('proxy-redirect-from'));
    const to = valueOr(reader, annotations.proxyRedirectTo, controller.value('proxy-redirect-to'));
    const location = ['off', 'default'].includes(from) || to === 'off' ? undefined : { from, to };
    const cookieDomain = pairOf(reader, annotations.proxyCookieDomain, controller.value('proxy-cookie-domain'));
    const cookiePath = pairOf(reader, annotations.proxyCookiePath, controller.value('proxy-cookie-path'));
    if (!location && !cookieDomain && !cookiePath) return { type: 'nothing' };
    const config = { ...(location ? { location } : {}), ...(cookieDomain ? { cookieDomain } : {}), ...(cookiePath ? { cookiePath } : {}) };
    return { type: 'config', config };
  },
};

function pairOf(reader: AnnotationReader, annotation: Annotation<string>, fallback: string): Replacement | undefined {
  const written = valueOr(reader, annotation, fallback);
  const [from, to, ...more] = written.split(/\s+/);
  if (written === 'off' || written === '') return undefined;
  if (from !== undefined && to !== undefined && more.length === 0) return { from, to };
  reader.ignore({ annotation: annotation.name, message: `${JSON.stringify(written)} is not two values with a space between` });
  return undefined;
}
