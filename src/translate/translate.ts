import type { Diagnostic } from '../diagnostic.ts';
import type { Group } from '../ir/gateway.ts';
import { memoized } from '../memo/memoized.ts';
import { controllerOf } from '../nginx/controller.ts';
import type { Settings } from '../settings.ts';
import { changesSince, type Moment } from '../store/changes.ts';
import type { StoreView } from '../store/view.ts';
import { done, type Work } from '../work.ts';
import { type AttachedRoutes, attachRoutes } from './attachment.ts';
import { createBackendResolver } from './backend.ts';
import { placeGateways } from './gateway.ts';
import { ingressSettings } from './gateway-settings.ts';
import { gatewayGroups } from './group.ts';
import { createGroupPorts } from './group-port.ts';
import { grpcClientGroups } from './grpc-client.ts';
import { type AuthzAccess, noAuthz } from './ingress/authz.ts';
import type { OwnCertificate } from './ingress/default-certificate.ts';
import { edgeOf } from './ingress/edge.ts';
import { placeIngresses } from './ingress/ingress.ts';
import { streamsOf } from './ingress/streams.ts';
import { tracingOf } from './ingress/tracing.ts';
import { createMeshRouter } from './mesh-route.ts';
import { sidecarGroups } from './sidecar.ts';
import { createTrafficPolicies } from './traffic/policies.ts';
import { withSessionKeys } from './traffic/session-keys.ts';

/** The representation of a state of objects, and the mistakes in it. */
export interface Translation {
  /** By name. */
  readonly groups: ReadonlyMap<string, Group>;
  /** Each once, in the order in which they were found. */
  readonly diagnostics: readonly Diagnostic[];
  /** For the next translation, to tell what changed since. */
  readonly moment: Moment;
  readonly attachedRoutes: AttachedRoutes;
}

/**
 * Objects in, representation and diagnostics out: pure, and the same for the same objects.
 * @param asked names of groups that are made only for those who ask for them: see `grpcClientGroups`.
 */
export function translate(view: StoreView, settings: Settings, asked: Iterable<string> = []): Translation {
  return done(translation(view, settings, asked, {}));
}

/** What Sluice makes itself where nobody writes it, and what was before. */
interface TranslationOptions {
  /** See `withSessionKeys`. Undefined: none, for what is only shown. */
  readonly sessionSeed?: string;
  /** See `defaultCertificate`. Undefined: none, for what is only shown. */
  readonly ownCertificate?: OwnCertificate;
  /** Undefined: one that nobody can reach, for what is only shown. */
  readonly authz?: AuthzAccess;
  /** Of the translation before, which left much that is the same. Undefined: there was none. */
  readonly since?: Moment | undefined;
}

/** The same in short turns. */
export function* translation(
  view: StoreView,
  settings: Settings,
  asked: Iterable<string>,
  {
    since,
    sessionSeed = '',
    ownCertificate = { certificate: '', key: '' },
    authz = { ...noAuthz, address: settings.authzAddress ?? noAuthz.address },
  }: TranslationOptions,
): Work<Translation> {
  // A route that gateways and sidecars share is translated for both: what is wrong with it is still said once.
  const diagnostics = new Map<string, Diagnostic>();
  const report = (one: Diagnostic): void => {
    const key = keyOf(one);
    if (!diagnostics.has(key)) diagnostics.set(key, one);
  };
  const resolver = createBackendResolver(view, report);
  const changes = changesSince(since, view);
  const reading = { view, resolver, policies: createTrafficPolicies(view, report), changes };
  const { group } = ingressSettings(view);
  const controller = controllerOf(view, settings.ingress);
  const traced = tracingOf(controller, reading, report);
  const ports = createGroupPorts(settings, { group, ...edgeOf(view, controller, traced?.tracing, report) });
  const gateways = placeGateways(view, ports, report);
  yield* placeIngresses(ports, reading, { ingress: settings.ingress, ownCertificate, authz }, report);
  const attachedRoutes = yield* attachRoutes(gateways, reading, report);
  if (traced) for (const port of ports.all()) if (port.edge) port.backends.push(traced.collector);
  const streams = streamsOf(group, controller, ports, reading, settings, report);
  const router = createMeshRouter(reading, report);
  const groups = [
    ...(yield* gatewayGroups(ports.all(), settings, resolver, changes, report, streams)),
    ...(yield* sidecarGroups(view, settings, router, resolver, report)),
    ...(yield* grpcClientGroups(asked, view, router, report)),
  ].map((one) => withSessionKeys(one, view, sessionSeed, report));
  return { groups: new Map(groups.map((one) => [one.name, one])), diagnostics: [...diagnostics.values()], moment: changes.now, attachedRoutes };
}

/** Most are said with every translation. Not by line and column: to look these up costs the document to be read again. */
const keyOf = memoized(({ code, at, message }: Diagnostic): string => JSON.stringify([code, at.file, at.object, at.field, message]));
