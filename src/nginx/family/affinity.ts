import type { AnnotationReader, Family } from '../family.ts';
import { anyText, bool, characters, oneOf, text } from '../form.ts';

const annotations = {
  affinity: {
    name: 'affinity',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'adapt',
    form: oneOf(['cookie']),
    doc: '`cookie`: requests of one session go to one endpoint, by a cookie that names it in sealed form.',
    difference: {
      example: 'GET / with the cookie that ingress-nginx made',
      nginx: 'The cookie holds a number of the session; it is hashed.',
      sluice: 'The cookie holds the address of the endpoint, sealed. Cookies of ingress-nginx are replaced: each session is placed anew once, at the move.',
      remedy: 'None is needed where sessions may move once. Write a Secret `sluice-session`, so that they do not move again when Sluice starts anew.',
    },
  },
  affinityMode: {
    name: 'affinity-mode',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'near',
    form: oneOf(['balanced', 'persistent']),
    doc: 'Sessions stay with their endpoint for as long as it is there, as with `persistent`.',
    difference: {
      example: 'GET / with the cookie of a session, after the Service was scaled, with `affinity-mode: balanced`',
      holdsFor: (text) => text.trim() !== 'persistent',
      nginx: 'A part of the sessions moves to the new endpoints.',
      sluice: 'No session moves; new endpoints get new sessions.',
      remedy: 'None is needed.',
    },
  },
  sessionCookieName: {
    name: 'session-cookie-name',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'exact',
    form: text(characters.basic, 'letters, digits and `-._~/:`', { ignoresSpaces: true }),
    doc: 'The name of the cookie, `INGRESSCOOKIE` unless written.',
  },
  sessionCookieSecure: {
    name: 'session-cookie-secure',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: bool,
    doc: '`true`: the cookie is always `Secure`; else where the client came by HTTPS.',
  },
  sessionCookieExpires: {
    name: 'session-cookie-expires',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'exact',
    form: anyText,
    doc: 'Seconds until the cookie ends, as `Expires`.',
  },
  sessionCookieMaxAge: {
    name: 'session-cookie-max-age',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'exact',
    form: anyText,
    doc: 'Seconds until the cookie ends, as `Max-Age`.',
  },
  sessionCookiePath: {
    name: 'session-cookie-path',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'exact',
    form: text(characters.url, 'a URL', { ignoresSpaces: true }),
    doc: 'The path of the cookie, that of the Ingress unless written.',
  },
  sessionCookieDomain: {
    name: 'session-cookie-domain',
    scope: 'ingress',
    risk: 'Medium',
    verdict: 'exact',
    form: text(characters.basic, 'letters, digits and `-._~/:`', { ignoresSpaces: true }),
    doc: 'The domain of the cookie.',
  },
  sessionCookieSamesite: {
    name: 'session-cookie-samesite',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'exact',
    form: { ...text(/^ *(?:none|lax|strict) *$/i, '`None`, `Lax` or `Strict`') },
    doc: '`SameSite` of the cookie; none unless written as `None`, `Lax` or `Strict`, with the capital.',
  },
  sessionCookieConditionalSamesiteNone: {
    name: 'session-cookie-conditional-samesite-none',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'report',
    form: bool,
    doc: 'Not read: `SameSite=None` is said to every browser, also to those of before 2020 that misread it.',
    difference: {
      example: 'GET / by a browser of before 2020, with `session-cookie-samesite: None`',
      nginx: 'Leaves `SameSite=None` out for browsers that misread it, by their User-Agent.',
      sluice: 'Says `SameSite=None` to every browser: the old ones take the cookie for `Strict`, and their sessions change endpoints.',
      remedy: 'None is needed unless such browsers still come; then use `session-cookie-samesite: Lax`.',
    },
  },
  sessionCookieChangeOnFailure: {
    name: 'session-cookie-change-on-failure',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'near',
    form: bool,
    doc: 'A session whose endpoint fails always moves to another one and stays there.',
    difference: {
      example: 'GET / with the cookie of a session whose endpoint refuses connections',
      holdsFor: (text) => text !== 'true',
      nginx: 'The request is answered by another endpoint; the next one tries the old endpoint again.',
      sluice: 'The request is answered by another endpoint, and the session stays there.',
      remedy: 'None is needed.',
    },
  },
} as const satisfies Family['annotations'];

/** How sessions stay with an endpoint. */
interface AffinityConfig {
  readonly cookie: string;
  readonly expiresSeconds?: number;
  readonly maxAgeSeconds?: number;
  readonly domain?: string;
  /** Undefined: the path of the location. */
  readonly path?: string;
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
  readonly isAlwaysSecure: boolean;
}

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#session-affinity */
export const affinity: Family<AffinityConfig> = {
  name: 'affinity',
  annotations,
  read(reader) {
    const { value } = reader;
    if (value(annotations.affinity) !== 'cookie') return { type: 'nothing' };
    const expiresSeconds = seconds(reader, annotations.sessionCookieExpires);
    const maxAgeSeconds = seconds(reader, annotations.sessionCookieMaxAge);
    const domain = value(annotations.sessionCookieDomain);
    const path = value(annotations.sessionCookiePath);
    const site = sameSite(reader);
    const config: AffinityConfig = {
      cookie: value(annotations.sessionCookieName) ?? 'INGRESSCOOKIE',
      ...(expiresSeconds !== undefined && { expiresSeconds }),
      ...(maxAgeSeconds !== undefined && { maxAgeSeconds }),
      ...(domain !== undefined && { domain }),
      ...(path !== undefined && { path }),
      ...(site !== undefined && { sameSite: site }),
      isAlwaysSecure: value(annotations.sessionCookieSecure) ?? false,
    };
    return { type: 'config', config };
  },
};

/** Other spellings pass, and are not written into the cookie. */
function sameSite({ value, ignore }: AnnotationReader): AffinityConfig['sameSite'] {
  const annotation = annotations.sessionCookieSamesite;
  const given = value(annotation);
  if (given === undefined || given === 'None' || given === 'Lax' || given === 'Strict') return given;
  ignore({ annotation: annotation.name, message: `${JSON.stringify(given)} is none of \`None\`, \`Lax\` and \`Strict\`` });
  return undefined;
}

/** Whole seconds, which may be below 0; what is none counts as not written. */
function seconds(
  { value, ignore }: AnnotationReader,
  annotation: typeof annotations.sessionCookieExpires | typeof annotations.sessionCookieMaxAge,
): number | undefined {
  const given = value(annotation);
  if (given === undefined) return undefined;
  if (/^-?\d{1,15}$/.test(given)) return Number(given);
  ignore({ annotation: annotation.name, message: `${JSON.stringify(given)} is no whole number` });
  return undefined;
}
