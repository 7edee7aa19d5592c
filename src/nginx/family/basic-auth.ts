import type { Family } from '../family.ts';
import { anyText, characters, text } from '../form.ts';

const annotations = {
  authSecretType: {
    name: 'auth-secret-type',
    scope: 'location',
    risk: 'Low',
    verdict: 'exact',
    form: anyText,
    doc: 'Auth-file / auth-map are both turned to htpasswd lines.',
  },
  authRealm: {
    name: 'auth-realm',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: text(characters.withSpace, 'letters, digits, blanks and `-._~/:`'),
    doc: 'Envoy builds its own realm; rewrite `www-authenticate` with response_headers / local_reply.',
  },
  authType: {
    name: 'auth-type',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: text(/basic|digest/, '`basic` or `digest`', { ignoresSpaces: true }),
    doc: 'Basic: `envoy.filters.http.basic_auth`; digest: report, fail closed.',
  },
  authSecret: {
    name: 'auth-secret',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: text(characters.basic, 'letters, digits and `-._~/:`', { ignoresSpaces: true }),
    doc: '`basic_auth.users` takes {SHA} only; apr1/bcrypt/crypt need an auth service (ext_authz) beside Envoy; missing secret = 503 route.',
  },
} as const satisfies Family['annotations'];

/** Closed: nobody is let in by a password that cannot be checked. */
export const basicAuth: Family = {
  name: 'basic-auth',
  annotations,
  read(reader) {
    const found = reader.find(annotations.authType);
    if (found.type === 'missing') return { type: 'nothing' };
    if (found.type === 'refused') return { type: 'dropped', mistake: found.mistake };
    return {
      type: 'denied',
      mistake: { annotation: annotations.authType.name, message: 'passwords are not checked yet, so nobody is let in', isUnsupported: true },
    };
  },
};
