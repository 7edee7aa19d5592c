import { type Family, refusalOf } from '../family.ts';
import { anyText, bool, characters, int, text } from '../form.ts';

const errorPages = /^(?:@[A-Za-z0-9_-]+|(?:(?:https?:\/\/)?[A-Za-z0-9\-.]+(?::\d+)?)?(?:\/[A-Za-z0-9\-_.]+)*\/?)$/;

const annotations = {
  authTlsSecret: {
    name: 'auth-tls-secret',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: text(characters.basic, 'letters, digits and `-._~/:`', { ignoresSpaces: true }),
    doc: 'A Secret, `NAMESPACE/NAME`, whose `ca.crt` holds the authorities of client certificates, and `ca.crl` those that are taken back. It holds for the whole host name; without it, or where it is missing, all requests are answered with 403.',
    difference: {
      example: 'GET https://HOST/ over a connection that was opened for another host name',
      nginx: '421, where one of the two asks for certificates.',
      sluice: '421 where the host name that is asked for does.',
      remedy: 'None is needed.',
    },
  },
  authTlsVerifyClient: {
    name: 'auth-tls-verify-client',
    scope: 'location',
    risk: 'Medium',
    verdict: 'near',
    form: anyText,
    doc: '`on`, which is so unless written: without a good certificate 400. `optional`: 400 with a bad one. `optional_no_ca`: everybody is let in, and the backend is told. `off`: nobody is asked.',
    difference: {
      holdsFor: (text) => text.trim() === 'optional_no_ca',
      example: 'GET / with a certificate that nobody vouches for, and `optional_no_ca`',
      nginx: 'The backend gets `ssl-client-verify: FAILED:` with a reason.',
      sluice: 'It gets `ssl-client-verify: FAILED`.',
      remedy: 'Do not tell reasons apart.',
    },
  },
  authTlsVerifyDepth: {
    name: 'auth-tls-verify-depth',
    scope: 'location',
    risk: 'Low',
    verdict: 'exact',
    form: int,
    doc: 'How many authorities may stand between the certificate and one that is trusted; 1 unless written.',
  },
  authTlsErrorPage: {
    name: 'auth-tls-error-page',
    scope: 'location',
    risk: 'High',
    verdict: 'adapt',
    form: text(errorPages, 'a URL without a query, a path, or `@` and a name', { ignoresSpaces: true }),
    doc: 'Where clients are sent with 302 instead of being answered with 400.',
    difference: {
      example: 'GET / without a certificate',
      holdsFor: (text) => !/^https?:[^$]*$/.test(text.trim()),
      nginx: 'A path, or a name of a location, is asked for inside.',
      sluice: 'A URL is sent as it is; anything else is answered with 400.',
      remedy: 'Write a URL.',
    },
  },
  authTlsPassCertificateToUpstream: {
    name: 'auth-tls-pass-certificate-to-upstream',
    scope: 'location',
    risk: 'Low',
    verdict: 'exact',
    form: bool,
    doc: 'Whether the backend gets the certificate, in `ssl-client-cert`. What a client sends under that name never gets there.',
  },
  authTlsMatchCn: {
    name: 'auth-tls-match-cn',
    scope: 'location',
    risk: 'High',
    verdict: 'near',
    form: text(/^CN=/, 'an expression behind `CN=`'),
    doc: 'An expression behind `CN=`, to be found anywhere in the subject of the certificate (RFC 2253); for the whole host name. All other requests are answered with 403, those by plain HTTP too. Where it is not valid in RE2 syntax, all are.',
    difference: {
      example: 'GET / without a certificate, where the expression is found in nothing, as `CN=a|` is',
      holdsFor: (_, { textOf }) => textOf('auth-tls-verify-client')?.trim().startsWith('optional') ?? false,
      nginx: 'The path is served, as the expression is found in nothing as well.',
      sluice: '403: without a certificate nothing is looked at.',
      remedy: 'Write an expression that is not found in nothing.',
    },
  },
} as const satisfies Family['annotations'];

/** What a host name asks of the certificates of clients. */
export type ClientCertificateConfig =
  /** Nobody is let in: `annotation` cannot be had, `message` says why. */
  | { readonly type: 'closed'; readonly annotation: string; readonly message: string; readonly isUnsupported: boolean }
  | {
      readonly type: 'asked';
      readonly secret: { readonly namespace: string; readonly name: string };
      readonly mode: 'on' | 'optional' | 'optional_no_ca';
      readonly verifyDepth: number;
      /** Expression that must be found in the subject of the certificate. Undefined: any subject is good. */
      readonly subject?: string;
      /** Undefined: 400. */
      readonly errorPage?: string;
      readonly passesCertificate: boolean;
    };

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#client-certificate-authentication */
export const clientCertificate: Family<ClientCertificateConfig> = {
  name: 'client-certificate',
  annotations,
  read({ find, value, view, controller, namespace }) {
    const found = find(annotations.authTlsSecret);
    if (found.type === 'missing') return { type: 'nothing' };
    if (found.type === 'refused') return { type: 'dropped', mistake: found.mistake };
    const closed = (message: string, annotation: string = annotations.authTlsSecret.name, isUnsupported = false) =>
      ({ type: 'config', config: { type: 'closed', annotation, message, isUnsupported } }) as const;
    if (found.type !== 'value') return closed(found.mistake.message);
    const [first = '', second, ...rest] = found.value.split('/');
    const secret = second === undefined ? { namespace, name: first } : { namespace: first || namespace, name: second };
    if (secret.name === '' || rest.length > 0) return closed(`${JSON.stringify(found.value)} is not \`NAMESPACE/NAME\``);
    if (secret.namespace !== namespace && !controller.value('allow-cross-namespace-resources')) return closed('the Secret is in another namespace');
    if (!view.get('Secret', secret.namespace, secret.name)) return closed(`there is no Secret ${secret.namespace}/${secret.name}`);
    const refusal = refusalOf({ find }, [annotations.authTlsErrorPage, annotations.authTlsPassCertificateToUpstream, annotations.authTlsMatchCn]);
    if (refusal) return refusal;
    const subject = value(annotations.authTlsMatchCn);
    const written = value(annotations.authTlsVerifyClient);
    if (written === 'off') return { type: 'nothing' };
    const errorPage = value(annotations.authTlsErrorPage);
    return {
      type: 'config',
      config: {
        type: 'asked',
        secret,
        mode: written === 'optional' || written === 'optional_no_ca' ? written : 'on',
        verifyDepth: value(annotations.authTlsVerifyDepth) || 1,
        ...(errorPage !== undefined && /^https?:\/\/[^$\s{}]+$/.test(errorPage) && { errorPage }),
        ...(subject !== undefined && { subject }),
        passesCertificate: value(annotations.authTlsPassCertificateToUpstream) ?? false,
      },
    };
  },
};
