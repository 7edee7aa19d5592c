import { type Family, refusalOf, valueOrIgnored } from '../family.ts';
import { characters, text } from '../form.ts';
import { readTextWithVariables, type TextWithVariables } from '../text-with-variables.ts';

const annotations = {
  upstreamVhost: {
    name: 'upstream-vhost',
    scope: 'location',
    risk: 'Low',
    verdict: 'exact',
    form: text(characters.regex, 'a host name, or variables of nginx'),
    doc: 'The Host header that the backend sees, instead of what the client asked for. It may hold `$service_name`, `$service_port`, `$namespace` and `$ingress_name`.',
    difference: {
      example: 'GET /, with `upstream-vhost: $http_x_tenant.internal`',
      nginx: 'Puts the values of all its variables in their places.',
      sluice:
        'Knows those that do not depend on the request, and `$host` alone. With another one the backend sees what the client asked for, which is reported.',
      remedy: 'Write an Ingress for each host name that the backend shall see.',
    },
  },
} as const satisfies Family['annotations'];

/** Known without a request. */
const fixed: ReadonlySet<string> = new Set(['ingress_name', 'namespace', 'service_name', 'service_port']);
/** Alone they are what the client asked for. */
const asAsked: ReadonlySet<string> = new Set(['best_http_host', 'host', 'http_host']);

/** @see https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#custom-nginx-upstream-vhost */
export const upstreamVhost: Family<TextWithVariables> = {
  name: 'upstream-vhost',
  annotations,
  read(reader) {
    const refusal = refusalOf(reader, [annotations.upstreamVhost]);
    if (refusal) return refusal;
    const written = valueOrIgnored(reader, annotations.upstreamVhost);
    if (written === undefined) return { type: 'nothing' };
    const config = readTextWithVariables(written);
    const unsupported = (message: string) =>
      ({ type: 'nothing', mistake: { annotation: annotations.upstreamVhost.name, message, isUnsupported: true } }) as const;
    if (typeof config === 'string') return unsupported(config);
    const variables = config.flatMap((part) => (typeof part === 'string' ? [] : [part.variable]));
    const strange = variables.find((variable) => !fixed.has(variable));
    if (strange === undefined) return { type: 'config', config };
    return config.length === 1 && asAsked.has(strange) ? { type: 'nothing' } : unsupported(`$${strange} is not known before a request comes`);
  },
};
