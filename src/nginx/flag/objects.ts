import { flag, withoutEffect } from '../flag.ts';
import { bool, objectName, word } from '../form.ts';

/** Objects that the controller reads, and which it does not. */
export const objectFlags = {
  configmap: flag('exact', objectName, (configMap) => ({ configMap }), 'ConfigMap with the settings for all Ingresses.'),
  'default-backend-service': flag(
    'exact',
    objectName,
    (defaultBackend) => ({ defaultBackend }),
    'Service of the requests that no Ingress takes, and of error pages where no `default-backend` is named.',
  ),
  'default-ssl-certificate': flag('exact', objectName, (defaultCertificate) => ({ defaultCertificate }), 'Secret of the certificate for hosts without one.'),
  'tcp-services-configmap': flag('near', objectName, (tcpServices) => ({ tcpServices }), 'ConfigMap with ports of TCP and the Services behind them.'),
  'udp-services-configmap': flag('near', objectName, (udpServices) => ({ udpServices }), 'ConfigMap with ports of UDP and the Services behind them.'),
  'watch-namespace': flag('exact', word, (watchNamespace) => ({ watchNamespace }), 'Namespace whose Ingresses are served.'),
  'watch-namespace-selector': flag(
    'exact',
    word,
    (watchNamespaceSelector) => ({ watchNamespaceSelector }),
    'Labels of the namespaces whose Ingresses are served.',
  ),
  'publish-service': flag(
    'near',
    objectName,
    (publishService) => ({ publishService }),
    'Service whose addresses are written to the status of Ingresses and Gateways; only where Sluice itself is started with it, as that of another controller leads elsewhere.',
  ),
  'publish-status-address': flag(
    'near',
    word,
    (text) => ({ publishStatusAddresses: text.split(',').flatMap((one) => one.trim() || []) }),
    'Addresses that are written to the status of Ingresses and Gateways, with commas between; only where Sluice itself is started with it.',
  ),
  'report-node-internal-ip-address': withoutEffect('report', bool, 'Writes addresses of nodes to the status of Ingresses; Sluice writes none of nodes.'),
  'update-status': flag('exact', bool, (updatesStatus) => ({ updatesStatus }), 'Writes the status of Ingresses.'),
  'update-status-on-shutdown': withoutEffect('noop', bool, 'Clears the status of Ingresses at the end.'),
  'status-update-interval': withoutEffect('noop', word, 'How often the status of Ingresses is written.'),
} as const;
