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
  'publish-service': withoutEffect('report', objectName, 'Service whose addresses are written to the status of Ingresses; Sluice writes none.'),
  'publish-status-address': withoutEffect('report', word, 'Addresses that are written to the status of Ingresses; Sluice writes none.'),
  'report-node-internal-ip-address': withoutEffect('report', bool, 'Writes addresses of nodes to the status of Ingresses; Sluice writes none.'),
  'update-status': withoutEffect('report', bool, 'Writes the status of Ingresses; Sluice writes none.'),
  'update-status-on-shutdown': withoutEffect('noop', bool, 'Clears the status of Ingresses at the end.'),
  'status-update-interval': withoutEffect('noop', word, 'How often the status of Ingresses is written.'),
} as const;
