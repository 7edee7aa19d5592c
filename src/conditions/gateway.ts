import type { Diagnostic } from '../diagnostic.ts';
import type { Stored } from '../store/stored.ts';
import { listenerKey } from '../translate/attachment.ts';
import { routeKindsAllowed } from '../translate/gateway-listener.ts';
import { gatewaySettings, isOurGateway } from '../translate/gateway-settings.ts';
import type { Facts, WasProgrammed } from './facts.ts';
import { type ProgrammedVerdict, programmedVerdict } from './programmed.ts';
import type { SaidOfListener, WantedStatus } from './said.ts';
import { faultsOf, isWithin, messageOf, notOfRoutes, observed, type Verdict, verdict } from './verdict.ts';

/** A listener as far as it is judged without its Gateway. */
interface JudgedListener {
  readonly spec: Stored<'Gateway'>['object']['spec']['listeners'][number];
  readonly faults: readonly Diagnostic[];
  readonly verdicts: readonly Verdict[];
}

/** What is said of a Gateway and its listeners. Undefined: it is another controller's. */
export function gatewayStatus(
  gateway: Stored<'Gateway'>,
  { uid, generation }: Pick<WantedStatus, 'uid' | 'generation'>,
  diagnostics: readonly Diagnostic[],
  facts: Facts,
  wasProgrammed: WasProgrammed,
): WantedStatus | undefined {
  if (!isOurGateway(facts.view, gateway)) return undefined;
  const settings = gatewaySettings(facts.view, gateway, () => undefined);
  const listeners = gateway.object.spec.listeners.map((spec, index): JudgedListener => judged(gateway, spec, index, diagnostics, facts));
  const own = faultsOf(diagnostics, 'Accepted').filter((one) => !isWithin(one, 'spec.listeners') && !isWithin(one, 'spec.tls.frontend'));
  const accepted = acceptedVerdict(own, listeners);
  const programmed = (faults: readonly Diagnostic[]): ProgrammedVerdict =>
    programmedVerdict({
      group: settings?.group ?? '',
      facts: settings && facts.groups.get(settings.group),
      faults,
      was: wasProgrammed(uid, generation),
      tellsOfNobody: true,
    });
  // Clients find its own Envoys elsewhere.
  const addresses = settings?.envoys ? facts.gatewayAddresses.get(uid) : facts.addresses;
  const isServed = accepted.status === 'True' && settings !== undefined;
  const whole = programmed(isServed ? [] : [...own, ...listeners.flatMap(({ faults }) => faults)]);
  return {
    object: gateway,
    uid,
    generation,
    said: {
      type: 'gateway',
      conditions: observed([accepted, whole.verdict], generation),
      listeners: listeners.map(({ spec, faults, verdicts }): SaidOfListener => {
        const attachedRoutes = facts.attachedRoutes.get(listenerKey(gateway.namespace, gateway.name, spec.name)) ?? 0;
        const { verdict: inForce } = programmed(isServed ? faults : [...own, ...faults]);
        return {
          name: spec.name,
          supportedKinds: routeKindsAllowed(spec).map((kind) => ({ group: 'gateway.networking.k8s.io', kind })),
          attachedRoutes,
          conditions: observed([...verdicts, inForce], generation),
        };
      }),
      ...(addresses && { addresses }),
    },
    isSettling: whole.isSettling,
    isProgrammed: whole.verdict.status === 'True',
  };
}

/** `ListenersNotValid` is said also where some of them are good. @see https://gateway-api.sigs.k8s.io/reference/spec/#gatewayconditionreason */
function acceptedVerdict(own: readonly Diagnostic[], listeners: readonly JudgedListener[]): Verdict {
  const bad = listeners.filter(({ faults }) => faults.length > 0);
  if (own.length > 0 || bad.length === 0) return verdict('Accepted', 'Accepted', own, notOfRoutes);
  const status = bad.length < listeners.length ? 'True' : 'False';
  return { type: 'Accepted', status, reason: 'ListenersNotValid', message: messageOf(bad.flatMap(({ faults }) => faults)) };
}

function judged(gateway: Stored<'Gateway'>, spec: JudgedListener['spec'], index: number, diagnostics: readonly Diagnostic[], facts: Facts): JudgedListener {
  const isPlaced = facts.attachedRoutes.has(listenerKey(gateway.namespace, gateway.name, spec.name));
  const mine = diagnostics.filter(
    // What the Gateway asks of clients is told at the Gateway, and is why listeners are not there.
    (one) => isWithin(one, `spec.listeners[${index}]`) || (!isPlaced && spec.protocol === 'HTTPS' && isWithin(one, 'spec.tls.frontend')),
  );
  const conflicts = faultsOf(mine, 'Conflicted');
  const refused = faultsOf(mine, 'Accepted');
  const unresolved = faultsOf(mine, 'ResolvedRefs');
  // One certificate of several is enough to serve.
  const isWithoutCertificate =
    spec.protocol === 'HTTPS' &&
    unresolved.filter((one) => isWithin(one, `spec.listeners[${index}].tls`)).length >= Math.max(1, spec.tls?.certificateRefs?.length ?? 0);
  return {
    spec,
    faults: [...conflicts, ...refused, ...(isWithoutCertificate ? unresolved : [])],
    verdicts: [
      verdict('Accepted', 'Accepted', [...conflicts, ...refused], notOfRoutes),
      conflictedVerdict(conflicts),
      verdict('ResolvedRefs', 'ResolvedRefs', unresolved),
    ],
  };
}

/** The one condition that is `False` where all is well. */
function conflictedVerdict(conflicts: readonly Diagnostic[]): Verdict {
  const said = verdict('Conflicted', 'NoConflicts', conflicts);
  return { ...said, status: said.status === 'True' ? 'False' : 'True' };
}
