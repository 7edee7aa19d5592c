import { isDeepStrictEqual } from 'node:util';
import { backendProtocol } from '../../nginx/family/backend-protocol.ts';
import { forwardedPrefix } from '../../nginx/family/forwarded-prefix.ts';
import { proxy } from '../../nginx/family/proxy.ts';
import { redirect } from '../../nginx/family/redirect.ts';
import { upstreamVhost } from '../../nginx/family/upstream-vhost.ts';
import { type SettingKey, settings } from '../../nginx/setting/index.ts';
import type { Setting } from '../../nginx/setting.ts';
import type { TextWithVariables } from '../../nginx/text-with-variables.ts';
import type { Stored } from '../../store/stored.ts';
import type { CanaryOf } from '../../translate/ingress/canaries.ts';
import type { IngressBackend, ReadIngress, Server } from '../../translate/ingress/location.ts';
import { rewriteTarget } from '../../translate/ingress/server-regex.ts';
import type { TlsHost } from '../../translate/ingress/tls.ts';
import { declaredNames } from '../declared.ts';
import { type Scene, writtenOn } from '../scene.ts';

/** A host name with all that stands at it. */
export interface Host {
  readonly server: Server;
  /** Undefined: it has plain HTTP alone. */
  readonly certificate: TlsHost | undefined;
  readonly canaryOf: CanaryOf;
  readonly ingresses: readonly Stored<'Ingress'>[];
}

/** Annotations that HTTPRoutes and TrafficPolicies have words for. */
const converted: ReadonlySet<string> = new Set([
  'canary',
  'canary-by-cookie',
  'canary-by-header',
  'canary-by-header-pattern',
  'canary-by-header-value',
  'canary-weight',
  'canary-weight-total',
  'custom-headers',
  'force-ssl-redirect',
  'permanent-redirect',
  'permanent-redirect-code',
  'preserve-trailing-slash',
  'proxy-next-upstream',
  'proxy-next-upstream-tries',
  'proxy-read-timeout',
  'rewrite-target',
  'ssl-redirect',
  'temporal-redirect',
  'temporal-redirect-code',
  'upstream-vhost',
  'use-regex',
  'x-forwarded-prefix',
]);

/** Settings that hold for the ports, whoever stands there. */
const portWide =
  /^(access-log-path|bind-address.*|client-header-timeout|disable-access-log|disable-http-access-log|http-access-log-path|http2-max-concurrent-streams|ignore-invalid-headers|keep-alive|keep-alive-requests|large-client-header-buffers|log-format-.*|skip-access-log-urls|compute-full-forwarded-for|proxy-real-ip-cidr|generate-request-id|enable-underscores-in-headers|add-headers|hide-headers|use-gzip|gzip-.*|enable-brotli|brotli-.*|http-redirect-code|no-tls-redirect-locations|annotations-risk-level|allow-snippet-annotations|allow-cross-namespace-resources|global-allowed-response-headers)$/;

/**
 * Why no Ingress at all can be converted: a setting that holds for all of them, and for them alone. One that says what holds anyway, or that Sluice does
 * nothing with, changes nothing.
 */
export function controllerObstacle({ controller }: Scene): string | undefined {
  const key = Object.keys(controller.written).find((one) => {
    const setting = Object.hasOwn(settings, one) ? (settings as Readonly<Record<string, Setting>>)[one] : undefined;
    if (!setting || setting.verdict === 'noop' || setting.verdict === 'report' || portWide.test(one) || converted.has(one)) return false;
    return !isDeepStrictEqual(controller.value(one as SettingKey), setting.fallback);
  });
  return key === undefined ? undefined : `the setting ${key} holds for Ingresses alone`;
}

/** Why one Ingress cannot be converted. Undefined: it can. */
export function ingressObstacle({ ingress, reading }: ReadIngress, { controller }: Scene): string | undefined {
  const prefix = `${controller.flags.annotationsPrefix}/`;
  const names = Object.keys(writtenOn(ingress)).flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []));
  const lacking = names.find((name) => !converted.has(name) && declaredNames.get(name) && declaredNames.get(name)?.annotation.verdict !== 'noop');
  if (lacking !== undefined) return `${lacking} has no counterpart`;
  if (reading.denied) return `its paths are closed: ${reading.denied.message}`;
  if (controller.flags.dialect !== 'nginx') return "the dialect of Alibaba's ACK has no counterpart";
  if ((reading.of(backendProtocol) ?? 'http') !== 'http') return 'backend-protocol has no counterpart';
  const { to } = reading.of(redirect) ?? {};
  if (to && !(isPlainUrl(to.url) && redirectStatuses.has(to.status))) return 'its redirect has no counterpart';
  const { nextUpstream = [] } = reading.of(proxy) ?? {};
  if (nextUpstream.some((word) => !['error', 'timeout', 'off'].includes(word))) return 'proxy-next-upstream has no counterpart';
  for (const [name, family] of [
    ['upstream-vhost', upstreamVhost],
    ['x-forwarded-prefix', forwardedPrefix],
  ] as const) {
    const written = reading.of<TextWithVariables | 'withoutValue'>(family);
    if (written === 'withoutValue' || written?.some((part) => typeof part !== 'string')) return `${name} holds variables`;
  }
  return undefined;
}

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** What a RequestRedirect can say. */
function isPlainUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '' && url.username === '' && /^https?:\/\/[^/]+\//.test(text);
}

/** Why a host name cannot be converted. Undefined: it can. */
export function hostObstacle(host: Host, scene: Scene): string | undefined {
  const { server, certificate, ingresses, canaryOf } = host;
  if (server.locations.length === 0) return `no path of ${server.host} can be served`;
  if (server.authority !== undefined) return `${server.host} takes one label, and the host name of an HTTPRoute any number`;
  if (new Set(ingresses.map(({ namespace }) => namespace)).size > 1) return `${server.host} has Ingresses of several namespaces`;
  if (certificate && (certificate.secretName === undefined || certificate.host === '*')) return `${server.host} has the default certificate`;
  if (certificate && certificate.ingress.namespace !== ingresses[0]?.namespace) return `${server.host} has the certificate of another namespace`;
  if (certificate && !scene.view.get('Secret', certificate.ingress.namespace, certificate.secretName ?? ''))
    return `there is no Secret ${certificate.secretName}`;
  for (const location of server.locations) {
    const target = rewriteTarget(location);
    if (target?.includes('$')) return `the groups of rewrite-target at ${location.path} have no counterpart`;
    const canary = canaryOf(location);
    const backends = [{ ...location }, ...(canary ? [canary] : [])];
    const lost = backends.map((one) => backendObstacle(one.ingress.namespace, one.backend, scene)).find((one) => one !== undefined);
    if (lost !== undefined) return lost;
  }
  return undefined;
}

function backendObstacle(namespace: string, { service }: IngressBackend, scene: Scene): string | undefined {
  if (!service) return 'a backend is no Service';
  if (portOf(namespace, { service }, scene) === undefined) return `the Service ${service.name} or its port is not there`;
  return scene.view.get('Service', namespace, service.name)?.object.spec.type === 'ExternalName' ? `the Service ${service.name} is a name outside` : undefined;
}

/** The number of a port. Undefined: the Service does not have it. */
export function portOf(namespace: string, { service }: IngressBackend, { view }: Scene): number | undefined {
  const ports = service && view.get('Service', namespace, service.name)?.object.spec.ports;
  return ports?.find(({ port, name }) => port === service?.port?.number || (name !== undefined && name === service?.port?.name))?.port;
}
