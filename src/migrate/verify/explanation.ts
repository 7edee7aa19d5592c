import type { Finding } from '../finding.ts';
import type { IngressReport, MigrationReport } from '../report.ts';
import type { Difference } from './compare.ts';
import type { Probe } from './probe.ts';

/** Something that the report says, and that a difference may come from. */
export interface Explanation extends Finding {
  /** The annotation or the setting. Null: it is about no annotation. */
  readonly subject: string | null;
  /** `NAMESPACE/NAME`. Undefined: the settings of the controller. */
  readonly ingress?: string;
}

/** Which annotations and settings can change what. What is about no annotation can change all. */
const subjects: Readonly<Record<Difference['aspect'], RegExp>> = {
  answer: /timeout|protocol|ssl|tls|proxy|buffer|http2|keep-alive|passthrough|snippet|backend/,
  status:
    /auth|list|limit|redirect|root|error|body|size|timeout|retr|tries|canary|snippet|modsecurity|owasp|regex|rewrite|backend|protocol|cors|satisfy|ssl|tls|buffer|underscores|invalid|alias|slash|forwarded|real-ip|service/,
  backend: /canary|service|backend|regex|rewrite|affinity|hash|balance|alias|vhost|error|protocol|snippet|slash|session|gzip|brotli/,
  location: /redirect|ssl|tls|root|www|prefix|proxy-redirect|slash|auth|forwarded|port|snippet/,
  cookie: /cookie|affinity|session|auth|snippet/,
  header: /header|cors|hsts|gzip|brotli|tokens|auth|cookie|compress|snippet|error|custom|redirect|opentelemetry|http2|protocol|buffer|vary/,
};

/** What of the report explains a difference: of the Ingress, of the others of its host name, then of the settings. Nothing: nobody foresaw it. */
export function explanationsOf(difference: Difference, { host, ingress }: Probe, { ingresses, settings }: MigrationReport): readonly Explanation[] {
  const isNear = (one: IngressReport): boolean => ingress?.namespace === one.namespace && ingress.name === one.name;
  const name = host.toLowerCase().replace(/:\d+$/, '');
  const onHost = ingresses.filter((one) => isNear(one) || isAt(one, name));
  const candidates: readonly Explanation[] = [
    ...onHost
      .toSorted((a, b) => Number(isNear(b)) - Number(isNear(a)))
      .flatMap(({ findings, ...one }) =>
        findings.map((finding) => ({ ...toldOf(finding), subject: finding.annotation, ingress: `${one.namespace}/${one.name}` })),
      ),
    ...settings.map((finding) => ({ ...toldOf(finding), subject: finding.key })),
  ];
  const changing = candidates.filter(({ level }) => level !== 'exact' && level !== 'inert');
  return changing.filter(({ subject }) => subject === null || subjects[difference.aspect].test(subject));
}

/** Whether it has rules for the host name, or for a wildcard that takes it. One without findings has nothing to say. */
function isAt({ findings: [first] }: IngressReport, name: string): boolean {
  const wildcard = `*${name.slice(name.indexOf('.'))}`;
  return first?.ingress.object.spec.rules?.some(({ host }) => host === name || host === wildcard) ?? false;
}

function toldOf({ level, message, example, remedy }: Finding): Finding {
  return { level, message, ...(example === undefined ? {} : { example }), ...(remedy === undefined ? {} : { remedy }) };
}
