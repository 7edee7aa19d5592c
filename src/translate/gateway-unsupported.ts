import { diagnostic, type Report } from '../diagnostic.ts';
import type { FieldPath, Stored } from '../store/stored.ts';

/** Gives `UnsupportedField` for each field of a Gateway that is asked for in vain. */
export function reportUnsupportedFields(gateway: Stored<'Gateway'>, report: Report): void {
  const { addresses = [], allowedListeners, defaultScope, tls } = gateway.object.spec;
  const say = (path: FieldPath, consequence: string, remedy: string): void => {
    report(diagnostic('UnsupportedField', gateway.origin(['spec', ...path]), `\`spec.${path.join('.')}\` is not supported yet, so ${consequence}.`, remedy));
  };
  if (addresses.length > 0)
    say(['addresses'], 'the listeners are bound on the address of the server setting', 'Remove it, and give Envoy its address from outside.');
  if ((allowedListeners?.namespaces?.from ?? 'None') !== 'None') say(['allowedListeners'], 'no ListenerSet is read', 'Write the listeners into the Gateway.');
  if (defaultScope === 'All') say(['defaultScope'], 'only routes that name the Gateway are served by it', 'Name the Gateway in `parentRefs` of the routes.');
  if (tls?.backend) say(['tls', 'backend'], 'backends see no certificate of the Gateway', 'Use `tls.clientCertificateRef` of a BackendPolicy.');
}
