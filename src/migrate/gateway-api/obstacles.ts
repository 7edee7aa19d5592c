import { isDeepStrictEqual } from 'node:util';
import { type SettingKey, settings } from '../../nginx/setting/index.ts';
import type { Setting } from '../../nginx/setting.ts';
import type { IngressBackend, ReadIngress } from '../../translate/ingress/location.ts';
import { declaredNames } from '../declared.ts';
import { type Scene, writtenOn } from '../scene.ts';
import { bodiesObstacle } from './counterpart/bodies.ts';
import { counterparts } from './counterpart/index.ts';
import { sessionsObstacle } from './counterpart/sessions.ts';
import { type Host, portOf } from './host.ts';
import { servicesObstacle, type Uses } from './service-policies.ts';

/** Annotations and settings that there are words for. */
const converted: ReadonlySet<string> = new Set(counterparts.flatMap(({ names }) => names));

/** Settings that hold for the ports, whoever stands there. */
const portWide =
  /^(access-log-path|bind-address.*|client-header-timeout|disable-access-log|disable-http-access-log|http-access-log-path|http2-max-concurrent-streams|ignore-invalid-headers|keep-alive|keep-alive-requests|large-client-header-buffers|log-format-.*|skip-access-log-urls|compute-full-forwarded-for|proxy-real-ip-cidr|generate-request-id|enable-underscores-in-headers|add-headers|hide-headers|use-gzip|gzip-.*|enable-brotli|brotli-.*|http-redirect-code|no-tls-redirect-locations|annotations-risk-level|allow-snippet-annotations|allow-cross-namespace-resources|global-allowed-response-headers)$/;

/** Annotations that ask for nothing where they are off. */
const switches: ReadonlySet<string> = new Set(['service-upstream', 'ssl-passthrough']);

/**
 * Why no Ingress at all can be converted: settings that hold for all of them, and for them alone. One that says what holds anyway, or that Sluice does
 * nothing with, changes nothing.
 */
export function controllerObstacle(scene: Scene): string | undefined {
  const { controller } = scene;
  const ofBodies = bodiesObstacle(scene);
  if (ofBodies !== undefined) return ofBodies;
  const keys = Object.keys(controller.written).filter((one) => {
    const setting = Object.hasOwn(settings, one) ? (settings as Readonly<Record<string, Setting>>)[one] : undefined;
    if (!setting || setting.verdict === 'noop' || setting.verdict === 'report' || portWide.test(one) || converted.has(one)) return false;
    return !isDeepStrictEqual(controller.value(one as SettingKey), setting.fallback);
  });
  if (keys.length === 0) return undefined;
  return keys.length === 1 ? `the setting ${keys[0]} holds for Ingresses alone` : `the settings ${keys.join(', ')} hold for Ingresses alone`;
}

/** Whether an annotation asks for nothing, as it is off or of no use. */
function isIdle(name: string, text: string): boolean {
  const annotation = declaredNames.get(name)?.annotation;
  if (!annotation || annotation.verdict === 'noop') return true;
  return annotation.form.read(text) === false && (annotation.verdict === 'report' || switches.has(name));
}

/** Why one Ingress cannot be converted. Undefined: it can. */
export function ingressObstacle(read: ReadIngress, scene: Scene): string | undefined {
  const { ingress, reading } = read;
  const { flags } = scene.controller;
  const prefix = `${flags.annotationsPrefix}/`;
  const names = Object.entries(writtenOn(ingress)).flatMap(([key, text]): [string, string][] =>
    key.startsWith(prefix) ? [[key.slice(prefix.length), text]] : [],
  );
  const [lacking] = names.find(([name, text]) => !converted.has(name) && !isIdle(name, text)) ?? [];
  if (lacking !== undefined) return `${lacking} has no counterpart`;
  if (reading.denied) return `its paths are closed: ${reading.denied.message}`;
  if (flags.dialect !== 'nginx') return "the dialect of Alibaba's ACK has no counterpart";
  return counterparts.map(({ obstacle }) => obstacle?.(read, scene)).find((reason) => reason !== undefined);
}

/** Why a host name cannot be converted. Undefined: it can. */
export function hostObstacle(host: Host, uses: Uses, scene: Scene): string | undefined {
  const { server, places, certificate, ingresses, canaryOf } = host;
  if (server.locations.length === 0) return `no path of ${server.host} can be served`;
  if (server.authority !== undefined) return `${server.host} takes one label, and the host name of an HTTPRoute any number`;
  if (!certificate && ingresses.some(({ object: { spec } }) => spec.tls?.length && !spec.rules?.some((rule) => rule.host === server.host)))
    return `${server.host}, another name of a host name with a certificate, has none of its own`;
  if (new Set(ingresses.map(({ namespace }) => namespace)).size > 1) return `${server.host} has Ingresses of several namespaces`;
  if (certificate && (certificate.secretName === undefined || certificate.host === '*')) return `${server.host} has the default certificate`;
  if (certificate && certificate.ingress.namespace !== ingresses[0]?.namespace) return `${server.host} has the certificate of another namespace`;
  if (certificate && !scene.view.get('Secret', certificate.ingress.namespace, certificate.secretName ?? ''))
    return `there is no Secret ${certificate.secretName}`;
  if ('obstacle' in places) return places.obstacle;
  for (const location of server.locations) {
    const canary = canaryOf(location);
    const backends = [{ ...location }, ...(canary ? [canary] : [])];
    const lost = backends.map((one) => backendObstacle(one.ingress.namespace, one.backend, scene)).find((one) => one !== undefined);
    if (lost !== undefined) return lost;
    const disputed = servicesObstacle(location, canaryOf, uses, scene);
    if (disputed !== undefined) return disputed;
  }
  return sessionsObstacle(host);
}

function backendObstacle(namespace: string, { service }: IngressBackend, scene: Scene): string | undefined {
  if (!service) return 'a backend is no Service';
  if (portOf(namespace, { service }, scene) === undefined) return `the Service ${service.name} or its port is not there`;
  return scene.view.get('Service', namespace, service.name)?.object.spec.type === 'ExternalName' ? `the Service ${service.name} is a name outside` : undefined;
}
