import { isDeepStrictEqual } from 'node:util';
import { backendProtocol } from '../../nginx/family/backend-protocol.ts';
import { forwardedPrefix } from '../../nginx/family/forwarded-prefix.ts';
import { proxy } from '../../nginx/family/proxy.ts';
import { redirect } from '../../nginx/family/redirect.ts';
import { rewrite } from '../../nginx/family/rewrite.ts';
import { serverAlias } from '../../nginx/family/server-alias.ts';
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

/** Annotations and settings that HTTPRoutes and TrafficPolicies have words for, and those of bodies, which are told of. */
const converted: ReadonlySet<string> = new Set([
  'app-root',
  'canary',
  'canary-by-cookie',
  'canary-by-header',
  'canary-by-header-pattern',
  'canary-by-header-value',
  'canary-weight',
  'canary-weight-total',
  'custom-headers',
  'force-ssl-redirect',
  'hsts',
  'hsts-include-subdomains',
  'hsts-max-age',
  'hsts-preload',
  'permanent-redirect',
  'permanent-redirect-code',
  'preserve-trailing-slash',
  'proxy-next-upstream',
  'proxy-next-upstream-tries',
  'proxy-body-size',
  'proxy-read-timeout',
  'proxy-request-buffering',
  'rewrite-target',
  'server-alias',
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

/** Annotations that ask for nothing where they are off. */
const switches: ReadonlySet<string> = new Set(['enable-cors', 'from-to-www-redirect', 'service-upstream', 'ssl-passthrough']);

/** The limit of ingress-nginx for bodies: HTTPRoutes have none, which is told; but who wrote a lower one wants it. */
const usualBodyBytes = 1024 ** 2;

/**
 * Why no Ingress at all can be converted: settings that hold for all of them, and for them alone. One that says what holds anyway, or that Sluice does
 * nothing with, changes nothing.
 */
export function controllerObstacle({ controller }: Scene): string | undefined {
  if (limitsMore(controller.value('proxy-body-size'))) return 'the setting proxy-body-size holds for Ingresses alone';
  const keys = Object.keys(controller.written).filter((one) => {
    const setting = Object.hasOwn(settings, one) ? (settings as Readonly<Record<string, Setting>>)[one] : undefined;
    if (!setting || setting.verdict === 'noop' || setting.verdict === 'report' || portWide.test(one) || converted.has(one)) return false;
    return !isDeepStrictEqual(controller.value(one as SettingKey), setting.fallback);
  });
  if (keys.length === 0) return undefined;
  return keys.length === 1 ? `the setting ${keys[0]} holds for Ingresses alone` : `the settings ${keys.join(', ')} hold for Ingresses alone`;
}

function limitsMore(maxBodyBytes: number): boolean {
  return maxBodyBytes > 0 && maxBodyBytes < usualBodyBytes;
}

/** Whether an annotation asks for nothing, as it is off or of no use. */
function isIdle(name: string, text: string): boolean {
  const annotation = declaredNames.get(name)?.annotation;
  if (!annotation || annotation.verdict === 'noop') return true;
  return annotation.form.read(text) === false && (annotation.verdict === 'report' || switches.has(name));
}

/** Why one Ingress cannot be converted. Undefined: it can. */
export function ingressObstacle({ ingress, reading }: ReadIngress, { controller }: Scene): string | undefined {
  const prefix = `${controller.flags.annotationsPrefix}/`;
  const names = Object.entries(writtenOn(ingress)).flatMap(([key, text]): [string, string][] =>
    key.startsWith(prefix) ? [[key.slice(prefix.length), text]] : [],
  );
  const [lacking] = names.find(([name, text]) => !converted.has(name) && !isIdle(name, text)) ?? [];
  if (lacking !== undefined) return `${lacking} has no counterpart`;
  if (reading.denied) return `its paths are closed: ${reading.denied.message}`;
  if (controller.flags.dialect !== 'nginx') return "the dialect of Alibaba's ACK has no counterpart";
  if ((reading.of(backendProtocol) ?? 'http') !== 'http') return 'backend-protocol has no counterpart';
  const { to } = reading.of(redirect) ?? {};
  if (to && !(isPlainUrl(to.url) && redirectStatuses.has(to.status))) return 'its redirect has no counterpart';
  const { nextUpstream = [], maxBodyBytes = 0 } = reading.of(proxy) ?? {};
  if (limitsMore(maxBodyBytes)) return 'proxy-body-size, where it is below the usual 1m, has no counterpart';
  if (reading.of(serverAlias)?.some((name) => /[~*]/.test(name))) return 'server-alias, where it stands for many host names, has no counterpart';
  if (reading.of(rewrite)?.appRoot?.includes('$')) return 'app-root holds variables';
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
  if (!certificate && ingresses.some(({ object: { spec } }) => spec.tls?.length && !spec.rules?.some((rule) => rule.host === server.host)))
    return `${server.host}, another name of a host name with a certificate, has none of its own`;
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
