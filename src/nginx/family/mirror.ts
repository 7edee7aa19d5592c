import { type Family, valueOrIgnored } from '../family.ts';
import { anyText } from '../form.ts';

const annotations = {
  mirrorRequestBody: {
    name: 'mirror-request-body',
    scope: 'ingress',
    risk: 'Low',
    verdict: 'report',
    form: anyText,
    doc: 'Copies always have the body.',
    difference: {
      example: 'POST / with a body',
      nginx: 'With `off` it copies the request without its body.',
      sluice: 'Copies it with its body.',
      remedy: 'Let the target pass over bodies.',
    },
  },
  mirrorTarget: {
    name: 'mirror-target',
    scope: 'ingress',
    risk: 'High',
    verdict: 'near',
    form: anyText,
    doc: 'Each request is copied to this URL, `http://HOST$request_uri` or `https://…`; what is answered is thrown away.',
    difference: {
      example: 'GET /',
      holdsFor: (text, { textOf }) => !/^http:.*\$request_uri$/.test(text.trim()) || !!textOf('rewrite-target'),
      nginx: 'The copy asks for the path of the target, or with `$request_uri` for that of the request. Certificates are not looked at.',
      sluice:
        'A copy asks for what the backend is asked for, with `rewrite-target` the new path; a target with another path has none, which is reported. The certificate of the target must be one that the system trusts.',
      remedy: 'Write `https://HOST$request_uri`, and let the target choose by the path.',
    },
  },
  mirrorHost: {
    name: 'mirror-host',
    scope: 'ingress',
    risk: 'High',
    verdict: 'exact',
    form: anyText,
    doc: 'The Host header of copies; that of the target unless written.',
  },
} as const satisfies Family['annotations'];

/** Where copies of requests go. */
interface MirrorConfig {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** Host header of the copies. */
  readonly hostHeader: string;
}

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#mirror */
export const mirror: Family<MirrorConfig> = {
  name: 'mirror',
  annotations,
  read(reader) {
    const target = valueOrIgnored(reader, annotations.mirrorTarget);
    if (target === undefined) return { type: 'nothing' };
    const [, scheme, host = '', port] = /^(https?):\/\/([A-Za-z0-9_.-]+)(?::(\d{1,5}))?\/?\$(?:request_uri|\{request_uri\})$/.exec(target) ?? [];
    if (scheme !== 'http' && scheme !== 'https') {
      const message = `${JSON.stringify(target)} is not \`http://HOST$request_uri\` or \`https://HOST$request_uri\`, so nothing is copied`;
      return { type: 'nothing', mistake: { annotation: annotations.mirrorTarget.name, message, isUnsupported: true } };
    }
    const written = reader.value(annotations.mirrorHost);
    const hostHeader = written !== undefined && /^[A-Za-z0-9_.:-]+$/.test(written) ? written : host;
    return { type: 'config', config: { scheme, host, port: port === undefined ? { http: 80, https: 443 }[scheme] : Number(port), hostHeader } };
  },
};
