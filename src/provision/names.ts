import { createHash } from 'node:crypto';
import type { Stored } from '../store/stored.ts';

/** What a Service may be called (RFC 1035), which is less than a Gateway may. */
const serviceName = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * Where the Service is that is made for a Gateway; most else has the same name. It is `NAME-CLASS`, as Gateway API wants it. Where
 * no Service can be called so, it is what can be kept of that, and a hash.
 * @see https://gateway-api.sigs.k8s.io/geps/gep-1762/
 */
export function gatewayService({ namespace, name, object }: Stored<'Gateway'>): { readonly namespace: string; readonly name: string } {
  const wished = `${name}-${object.spec.gatewayClassName}`;
  return { namespace, name: serviceName.test(wished) ? wished : shortened(wished) };
}

function shortened(name: string): string {
  const letters = name.replaceAll('.', '-').replace(/^(?=[^a-z])/, 'gateway-');
  return `${letters.slice(0, 50)}-${createHash('sha256').update(name).digest('hex').slice(0, 12)}`;
}

/** The Secret by which the Envoys of a Gateway show who they are. */
export function certificateSecret(gateway: Stored<'Gateway'>): { readonly namespace: string; readonly name: string } {
  const { namespace, name } = gatewayService(gateway);
  return { namespace, name: `${name}-xds` };
}

const component = { 'app.kubernetes.io/component': 'gateway' };
const manager = { 'app.kubernetes.io/managed-by': 'sluice' };

/** Chooses all that was made for Gateways, as `kubectl -l` takes it. */
export const ownSelector = Object.entries({ ...component, ...manager })
  .map(([name, value]) => `${name}=${value}`)
  .join(',');

/** Labels by which the pods of a Gateway are chosen; they never change. */
export function selectorOf(gateway: Stored<'Gateway'>): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': 'sluice', 'app.kubernetes.io/instance': gatewayService(gateway).name, ...component };
}

/** Labels of all that is made for a Gateway. What people write there takes the place of none of ours. */
export function labelsOf(gateway: Stored<'Gateway'>): Readonly<Record<string, string>> {
  const { gatewayClassName, infrastructure } = gateway.object.spec;
  return {
    ...infrastructure?.labels,
    ...selectorOf(gateway),
    ...manager,
    'gateway.networking.k8s.io/gateway-name': labelValue(gateway.name),
    'gateway.networking.k8s.io/gateway-class-name': labelValue(gatewayClassName),
  };
}

/** A name is longer than a label at times. */
const labelValue = (name: string): string => (name.length <= 63 ? name : shortened(name));
