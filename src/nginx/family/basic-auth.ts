import { secretText } from '../../kind/secret-text.ts';
import type { AnnotationReader, Family } from '../family.ts';
import { characters, text } from '../form.ts';

const annotations = {
  authSecretType: {
    name: 'auth-secret-type',
    scope: 'location',
    risk: 'Low',
    verdict: 'exact',
    form: text(/auth-file|auth-map/, '`auth-file` or `auth-map`', { ignoresSpaces: true }),
    doc: 'What the Secret holds: `auth-file`, a file of htpasswd under the key `auth`, or `auth-map`, hashes by user. `auth-file` if nothing is said.',
  },
  authRealm: {
    name: 'auth-realm',
    scope: 'location',
    risk: 'Medium',
    verdict: 'exact',
    form: text(characters.withSpace, 'letters, digits, blanks and `-._~/:`'),
    doc: 'What browsers show when they ask for the password.',
    difference: {
      holdsFor: (text) => text.trim() === 'off',
      example: 'GET / where it is `off`',
      nginx: 'Asks for no password: `off` switches the check off.',
      sluice: 'Asks for a password, with the realm `off`.',
      remedy: 'Remove `auth-type` where the paths shall be open.',
    },
  },
  authType: {
    name: 'auth-type',
    scope: 'location',
    risk: 'Low',
    verdict: 'near',
    form: text(/basic|digest/, '`basic` or `digest`', { ignoresSpaces: true }),
    doc: '`basic`: clients must have a password of `auth-secret`. Anything else is `digest` for ingress-nginx, and closes all paths of the Ingress with 503.',
    difference: {
      holdsFor: (text) => text.trim() === 'digest',
      example: 'GET / with a digest of a password, where it is `digest`',
      nginx: 'Checks the digest, and serves the path.',
      sluice: 'Answers 503: neither Envoy nor the service beside it knows digests.',
      remedy: 'Use `basic` over HTTPS.',
    },
  },
  authSecret: {
    name: 'auth-secret',
    scope: 'location',
    risk: 'Medium',
    verdict: 'exact',
    form: text(characters.basic, 'letters, digits and `-._~/:`', { ignoresSpaces: true }),
    doc: 'The Secret with users and hashes: apr1, bcrypt, `{SHA}`, `{SSHA}`, `{PLAIN}` and those of crypt(3). Where it is missing, all paths of the Ingress are answered with 503.',
  },
} as const satisfies Family['annotations'];

/** Who may pass by a password. */
export interface BasicAuth {
  /** A file of htpasswd. */
  readonly htpasswd: string;
  readonly realm: string;
}

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#authentication */
export const basicAuth: Family<BasicAuth> = {
  name: 'basic-auth',
  annotations,
  read(reader) {
    const found = reader.find(annotations.authType);
    if (found.type === 'missing') return { type: 'nothing' };
    for (const annotation of [annotations.authType, annotations.authSecretType, annotations.authRealm]) {
      const read = reader.find(annotation);
      if (read.type === 'refused') return { type: 'dropped', mistake: read.mistake };
    }
    const htpasswd = htpasswdOf(reader);
    if ('mistake' in htpasswd) return { type: 'denied', mistake: { annotation: annotations.authSecret.name, message: htpasswd.mistake } };
    if (reader.value(annotations.authType) !== 'basic') {
      const message = 'digests of passwords are known neither to Envoy nor to the auth service';
      return { type: 'denied', mistake: { annotation: annotations.authType.name, message, isUnsupported: true } };
    }
    const realm = reader.value(annotations.authRealm) ?? '';
    if (realm === 'off') reader.unsupported({ annotation: annotations.authRealm.name, message: '`off` does not switch the passwords off' });
    return { type: 'config', config: { htpasswd: htpasswd.file, realm: realm.replaceAll(/["\\]/g, '\\$&') } };
  },
};

function htpasswdOf(reader: AnnotationReader): { readonly file: string } | { readonly mistake: string } {
  const written = reader.value(annotations.authSecret) ?? '';
  const [first = '', second, ...rest] = written.split('/');
  const [namespace, name] = second === undefined ? [reader.namespace, first] : [first || reader.namespace, second];
  if (name === '' || rest.length > 0) return { mistake: `${JSON.stringify(written)} is no name of a Secret` };
  if (namespace !== reader.namespace && !reader.controller.value('allow-cross-namespace-resources')) {
    return { mistake: `the Secret ${written} is of another namespace, which \`allow-cross-namespace-resources\` does not allow` };
  }
  const secret = reader.view.get('Secret', namespace, name)?.object;
  if (!secret) return { mistake: `there is no Secret ${namespace}/${name}` };
  const type = reader.value(annotations.authSecretType) ?? 'auth-file';
  if (type === 'auth-map') {
    const users = [...new Set([...Object.keys(secret.data ?? {}), ...Object.keys(secret.stringData ?? {})])].sort();
    return { file: users.map((user) => `${user}:${secretText(secret, user) ?? ''}\n`).join('') };
  }
  if (type !== 'auth-file') return { mistake: `${JSON.stringify(type)} is neither \`auth-file\` nor \`auth-map\`` };
  const file = secretText(secret, 'auth');
  return file === undefined ? { mistake: `the Secret ${namespace}/${name} has no key \`auth\`` } : { file };
}
