import { gatewayGroup } from '../ir/names.ts';
import type { Stored } from '../store/stored.ts';
import type { ProvisionedEnvoys } from '../translate/gateway-settings.ts';
import type { ProvisioningConfig } from './config.ts';
import { certificateSecret, gatewayService, labelsOf, selectorOf } from './names.ts';
import { healthPort, viewPort } from './ports.ts';

/**
 * How the Envoys of a Gateway run. It is the Deployment of the Helm chart, which a test holds beside this one, but for ports: those
 * of a pod are for people alone, and would end it with each change of a listener.
 */
export function deploymentSpec(gateway: Stored<'Gateway'>, envoys: ProvisionedEnvoys, config: ProvisioningConfig): object {
  const { envoy, imagePullSecrets } = config;
  const replicas = envoys.replicas ?? envoy.replicas;
  const matchLabels = selectorOf(gateway);
  const { annotations } = gateway.object.spec.infrastructure ?? {};
  return {
    ...(replicas !== null && { replicas }),
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } },
    selector: { matchLabels },
    template: {
      metadata: {
        labels: { ...envoy.podLabels, ...labelsOf(gateway) },
        annotations: { 'kubectl.kubernetes.io/default-container': 'envoy', ...envoy.podAnnotations, ...annotations },
      },
      spec: {
        // Envoy asks Sluice, never the API server.
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        serviceAccountName: gatewayService(gateway).name,
        securityContext: podSecurity,
        ...(imagePullSecrets.length > 0 && { imagePullSecrets }),
        ...placement(matchLabels, envoys, envoy),
        terminationGracePeriodSeconds: envoy.drain.timeoutSeconds + 10,
        initContainers: [bootstrapContainer(gateway, envoys, config)],
        containers: [envoyContainer(envoys, config), drainContainer(config)],
        volumes: volumes(certificateSecret(gateway).name),
      },
    },
  };
}

/** "restricted" of the pod security standards. One user for all containers, so that they share files. Listeners may have ports below 1024. */
const podSecurity = {
  runAsNonRoot: true,
  runAsUser: 1000,
  runAsGroup: 1000,
  fsGroup: 1000,
  seccompProfile: { type: 'RuntimeDefault' },
  sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }],
};

const securityContext = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };
/** Of what runs beside Envoy. */
const fewResources = { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } };

const ofSluice = ({ image }: ProvisioningConfig) => ({ image: `${image.repository}:${image.tag}`, imagePullPolicy: image.pullPolicy });

/** The name of the pod is in the bootstrap, so that it is made there. */
function bootstrapContainer(gateway: Stored<'Gateway'>, envoys: ProvisionedEnvoys, config: ProvisioningConfig): object {
  const { xds, envoy } = config;
  return {
    name: 'bootstrap',
    ...ofSluice(config),
    args: [
      'bootstrap',
      '--node=$(POD_NAME)',
      `--group=${gatewayGroup(gateway.namespace, gateway.name)}`,
      `--xds=${xds}`,
      '--tls-secrets=/etc/envoy/tls',
      `--health-address=0.0.0.0:${healthPort}`,
      `--max-connections=${envoys.maxConnections ?? envoy.maxConnections}`,
      ...(envoy.zoneLabel ? ['--zone=$(ZONE)'] : []),
      '--to=/bootstrap/envoy.json',
    ],
    env: [
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ...(envoy.zoneLabel ? [{ name: 'ZONE', valueFrom: { fieldRef: { fieldPath: "metadata.labels['topology.kubernetes.io/zone']" } } }] : []),
    ],
    resources: fewResources,
    securityContext,
    volumeMounts: [{ name: 'bootstrap', mountPath: '/bootstrap' }],
  };
}

function envoyContainer(envoys: ProvisionedEnvoys, { envoy }: ProvisioningConfig): object {
  const { repository, tag, pullPolicy } = envoy.image;
  return {
    name: 'envoy',
    image: envoys.image ?? `${repository}:${tag}`,
    imagePullPolicy: pullPolicy,
    args: ['-c', '/etc/envoy/bootstrap/envoy.json', '--drain-time-s', '30', '--disable-hot-restart', '-l', envoy.logLevel],
    ports: [{ name: 'health', containerPort: healthPort }],
    // Before its first configuration nobody listens there: an Envoy without one is given no requests, and is not ended for it within the hour.
    startupProbe: { httpGet: { path: '/live', port: 'health' }, periodSeconds: 2, failureThreshold: 1800, terminationGracePeriodSeconds: 1 },
    readinessProbe: { httpGet: { path: '/ready', port: 'health' }, periodSeconds: 2, failureThreshold: 1 },
    // One that does not answer cannot drain either: its hook is cut short.
    livenessProbe: { httpGet: { path: '/live', port: 'health' }, periodSeconds: 10, failureThreshold: 6, terminationGracePeriodSeconds: 1 },
    // Keeps SIGTERM from Envoy until `drain` has ended it.
    lifecycle: { preStop: { sleep: { seconds: envoy.drain.timeoutSeconds + 5 } } },
    resources: resourcesOf(envoys, envoy),
    securityContext,
    volumeMounts: [
      { name: 'bootstrap', mountPath: '/etc/envoy/bootstrap', readOnly: true },
      { name: 'tls', mountPath: '/etc/envoy/tls', readOnly: true },
      { name: 'run', mountPath: '/run/sluice' },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}

/** Amount by amount; a section without any is not written, as the API server drops it. */
function resourcesOf({ resources: said }: ProvisionedEnvoys, { resources: told }: ProvisioningConfig['envoy']): object {
  const sections = { requests: { ...told.requests, ...said?.requests }, limits: { ...told.limits, ...said?.limits } };
  return Object.fromEntries(Object.entries(sections).filter(([, amounts]) => Object.keys(amounts).length > 0));
}

/** Told to end together with Envoy, it answers what is under way first. */
function drainContainer(config: ProvisioningConfig): object {
  const { noticeSeconds, quietSeconds, timeoutSeconds } = config.envoy.drain;
  return {
    name: 'drain',
    ...ofSluice(config),
    args: [
      'drain',
      '--shutdown-manager',
      '--notice',
      `${noticeSeconds}s`,
      '--quiet',
      `${quietSeconds}s`,
      '--timeout',
      `${timeoutSeconds}s`,
      '--view',
      `0.0.0.0:${viewPort}`,
    ],
    ports: [{ name: 'view', containerPort: viewPort }],
    resources: fewResources,
    securityContext,
  };
}

/** Files are named one by one: a pod waits until its certificate is made. */
function volumes(secretName: string): readonly object[] {
  const items = ['certificate.json', 'authority.json'].map((key) => ({ key, path: key }));
  return [
    { name: 'bootstrap', emptyDir: { sizeLimit: '1Mi' } },
    { name: 'run', emptyDir: { sizeLimit: '1Mi' } },
    { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
    { name: 'tls', secret: { secretName, defaultMode: 0o440, items } },
  ];
}

/** Where pods run. */
function placement(matchLabels: Readonly<Record<string, string>>, envoys: ProvisionedEnvoys, envoy: ProvisioningConfig['envoy']): object {
  const { nodeSelector = envoy.nodeSelector, tolerations = envoy.tolerations } = envoys;
  const { priorityClassName, affinity, topologySpreadConstraints } = envoy;
  const labelSelector = { matchLabels };
  const apart = {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector } }],
    },
  };
  const spread = [{ maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector }];
  return {
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    ...(tolerations.length > 0 && { tolerations }),
    ...(priorityClassName !== '' && { priorityClassName }),
    affinity: Object.keys(affinity).length > 0 ? affinity : apart,
    topologySpreadConstraints: topologySpreadConstraints.length > 0 ? topologySpreadConstraints : spread,
  };
}
