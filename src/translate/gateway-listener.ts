import { diagnostic, type Origin, type Report } from '../diagnostic.ts';
import type { ObjectOf } from '../kind/index.ts';
import type { FieldPath, Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import { checkGrant } from './reference-grant.ts';
import { checkHost, type ServedCertificate, servedCertificate } from './tls.ts';

type ListenerSpec = ObjectOf<'Gateway'>['spec']['listeners'][number];

/** One listener of a Gateway of ours, as far as it can be served. */
export interface GatewayListener {
  readonly gateway: Stored<'Gateway'>;
  readonly settings: GatewaySettings;
  readonly spec: ListenerSpec;
  readonly protocol: 'HTTP' | 'HTTPS';
  /** `*` for a listener without host name. */
  readonly hostname: string;
  /** Empty for HTTP, and for HTTPS without any certificate that can be served: then nobody answers there. */
  readonly certificates: readonly ServedCertificate[];
  readonly minimumVersion: '1.2' | '1.3';
  readonly routeKinds: readonly RouteKind[];
  origin(): Origin;
}

const gatewayGroup = 'gateway.networking.k8s.io';

const routeKinds = ['HTTPRoute', 'GRPCRoute'] as const;

/** Kinds of routes that HTTP and HTTPS listeners serve. */
type RouteKind = (typeof routeKinds)[number];

/** Option of a listener's `tls` that sets the oldest version of TLS: `1.2` (default) or `1.3`. */
const minimumVersionOption = 'gateway.sluice.dev/minimum-tls-version';

/**
 * A listener as it can be served; undefined where it cannot be at all. Gives `UnsupportedProtocol`, `UnsupportedField`,
 * `UnsupportedRouteKind`, and what certificates give.
 */
export function gatewayListener(
  view: StoreView,
  gateway: Stored<'Gateway'>,
  index: number,
  settings: GatewaySettings,
  report: Report,
): GatewayListener | undefined {
  const spec = gateway.object.spec.listeners[index];
  if (!spec) return undefined;
  const path = ['spec', 'listeners', index];
  const { protocol } = spec;
  if ((protocol !== 'HTTP' && protocol !== 'HTTPS') || spec.tls?.mode === 'Passthrough') {
    const message = `The protocol ${protocol} is not supported yet, so the listener ${spec.name} is not served.`;
    report(diagnostic('UnsupportedProtocol', gateway.origin([...path, 'protocol']), message, 'Use HTTP or HTTPS.'));
    return undefined;
  }
  if (protocol === 'HTTPS' && demandsClientCertificate(gateway, spec.port)) {
    const message = `The Gateway asks for certificates of clients, which is not supported yet, so the listener ${spec.name} is not served: it would let everybody in.`;
    report(diagnostic('UnsupportedProtocol', gateway.origin(['spec', 'tls', 'frontend']), message, 'Remove `spec.tls.frontend`, or check clients elsewhere.'));
    return undefined;
  }
  const hostname = spec.hostname ?? '*';
  return {
    gateway,
    settings,
    spec,
    protocol,
    hostname,
    certificates: protocol === 'HTTPS' ? certificatesOf(view, gateway, spec, path, hostname, report) : [],
    minimumVersion: minimumVersionOf(gateway, spec, path, report),
    routeKinds: routeKindsOf(gateway, spec, path, report),
    origin: () => gateway.origin(path),
  };
}

/** @see https://gateway-api.sigs.k8s.io/geps/gep-91/ */
function demandsClientCertificate(gateway: Stored<'Gateway'>, port: number): boolean {
  const frontend = gateway.object.spec.tls?.frontend;
  const ofPort = frontend?.perPort?.find((one) => one.port === port);
  return (ofPort ? ofPort.tls : frontend?.default)?.validation !== undefined;
}

function certificatesOf(
  view: StoreView,
  gateway: Stored<'Gateway'>,
  spec: ListenerSpec,
  path: FieldPath,
  hostname: string,
  report: Report,
): readonly ServedCertificate[] {
  const consequence = `the listener ${spec.name} is served without it, or not at all where it has no other`;
  const refs = spec.tls?.certificateRefs ?? [];
  if (refs.length === 0) {
    const message = `The listener ${spec.name} has no certificate, so nobody answers there.`;
    report(diagnostic('SecretNotFound', gateway.origin(path), message, 'Name a Secret in `tls.certificateRefs`.'));
  }
  const certificates = refs.flatMap((ref, index) => {
    const at = (): Origin => gateway.origin([...path, 'tls', 'certificateRefs', index]);
    const { group = '', kind = 'Secret', namespace = gateway.namespace, name } = ref;
    if (group !== '' || kind !== 'Secret') {
      report(diagnostic('SecretNotFound', at(), `${kind} ${namespace}/${name} is no Secret, so ${consequence}.`, 'Refer to a Secret.'));
      return [];
    }
    const from = { group: gatewayGroup, kind: 'Gateway', namespace: gateway.namespace };
    if (!checkGrant(view, from, { group, kind, namespace, name }, at, report)) return [];
    const certificate = servedCertificate(view, namespace, name, at, consequence, report);
    return certificate ? [certificate] : [];
  });
  checkHost(certificates, hostname, () => gateway.origin([...path, 'tls', 'certificateRefs']), report);
  return certificates;
}

/** The kinds of routes that may hang on the listener. Gives `UnsupportedRouteKind`. */
function routeKindsOf(gateway: Stored<'Gateway'>, spec: ListenerSpec, path: FieldPath, report: Report): readonly RouteKind[] {
  for (const [index, { group = gatewayGroup, kind }] of (spec.allowedRoutes?.kinds ?? []).entries()) {
    if (group === gatewayGroup && routeKinds.some((one) => one === kind)) continue;
    const message = `The listener ${spec.name} allows ${kind} of the API group "${group}", which it cannot serve.`;
    report(diagnostic('UnsupportedRouteKind', gateway.origin([...path, 'allowedRoutes', 'kinds', index]), message, 'Allow HTTPRoute or GRPCRoute.'));
  }
  return routeKindsAllowed(spec);
}

/** The kinds of routes that a listener lets hang on it and that Sluice serves. */
export function routeKindsAllowed({ protocol, allowedRoutes }: ListenerSpec): readonly RouteKind[] {
  if (protocol !== 'HTTP' && protocol !== 'HTTPS') return [];
  const kinds = allowedRoutes?.kinds ?? [];
  if (kinds.length === 0) return routeKinds;
  return routeKinds.filter((one) => kinds.some(({ group = gatewayGroup, kind }) => group === gatewayGroup && kind === one));
}

function minimumVersionOf(gateway: Stored<'Gateway'>, spec: ListenerSpec, path: FieldPath, report: Report): '1.2' | '1.3' {
  let version: '1.2' | '1.3' = '1.2';
  for (const [option, value] of Object.entries(spec.tls?.options ?? {})) {
    if (option === minimumVersionOption && (value === '1.2' || value === '1.3')) version = value;
    else {
      const message = `The TLS option ${option}: ${JSON.stringify(value)} is not known, so the listener is served without it.`;
      report(diagnostic('UnsupportedField', gateway.origin([...path, 'tls', 'options', option]), message, `Known is ${minimumVersionOption}: "1.2" or "1.3".`));
    }
  }
  return version;
}
