import type { Diagnostic } from '../diagnostic.ts';
import type { Stored } from '../store/stored.ts';
import { gatewayController } from '../translate/gateway-settings.ts';
import type { Facts } from './facts.ts';
import { faultsOf, type Verdict, verdict } from './verdict.ts';

/** What is said of a GatewayClass. Undefined: it is another controller's. */
export function gatewayClassVerdicts(
  gatewayClass: Stored<'GatewayClass'>,
  diagnostics: readonly Diagnostic[],
  { view }: Facts,
): readonly Verdict[] | undefined {
  const { controllerName, parametersRef } = gatewayClass.object.spec;
  if (controllerName !== gatewayController) return undefined;
  const accepted = verdict('Accepted', 'Accepted', faultsOf(diagnostics, 'Accepted'));
  const isFound = !parametersRef || view.get('GatewayConfig', parametersRef.namespace ?? 'default', parametersRef.name);
  if (accepted.status === 'False' || isFound) return [accepted];
  // Nobody complained, as no Gateway is of the class yet.
  const message = `${parametersRef.kind} ${parametersRef.namespace ?? 'default'}/${parametersRef.name} is no GatewayConfig that exists. Create it, or refer to another.`;
  return [{ type: 'Accepted', status: 'False', reason: 'InvalidParameters', message }];
}
