import { z } from 'zod';

/** Pieces of objects of Kubernetes, which the API server checks. */
const free = z.record(z.string(), z.unknown()).default({});
const list = z.array(z.record(z.string(), z.unknown())).default([]);
const texts = z.record(z.string(), z.string()).default({});
const duration = z.string().regex(/^(\d{1,5}(h|m|s|ms)){1,4}$/);
const seconds = z.int().min(0).max(86_400);
const port = z.int().min(1).max(65_535);
const name = z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);

const requests = (cpu: string, memory: string, limit: string) =>
  free.default({ requests: { cpu, memory }, limits: { memory: limit } }).describe('What the container asks for, and the most that it gets.');

const image = (repository: string, tag: string, of: string) =>
  z
    .strictObject({
      repository: z.string().min(1).default(repository).describe(`Image of ${of}.`),
      tag: z
        .string()
        .default(tag)
        .describe(tag === '' ? 'Its tag. Empty: the version of the chart.' : 'Its tag.'),
      pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent').describe('When it is fetched.'),
    })
    .prefault({});

/** Where pods run, and what is written on them. */
const placement = {
  podLabels: texts.describe('More labels of the pods.'),
  podAnnotations: texts.describe('Annotations of the pods.'),
  nodeSelector: texts.describe('Labels that a node must have.'),
  tolerations: list.describe('Taints of nodes that do not matter.'),
  affinity: free.describe('Which nodes and neighbours are wanted. Empty: not two replicas on one node, where that can be helped.'),
  topologySpreadConstraints: list.describe('How replicas are spread. Empty: evenly over zones, where that can be helped.'),
  priorityClassName: z.string().default('').describe('Who has to go first when a node is full.'),
};

/** The values of the Helm chart: its schema, `values.yaml` and the table of the page are made of this. */
export const helmValues = z.strictObject({
  nameOverride: z.string().max(40).default('').describe('What the names of all objects begin with. Empty: the name of the release.'),
  image: image('sluice', '', 'Sluice'),
  imagePullSecrets: list.describe('Secrets by which images are fetched: `[{name: NAME}]`.'),
  trustDomain: z
    .string()
    .regex(/^[a-z0-9._-]{1,255}$/)
    .default('sluice')
    .describe('Trust domain of the names in certificates: `spiffe://TRUST-DOMAIN/group/GROUP`.'),
  server: z
    .strictObject({
      replicas: z.int().min(1).max(20).default(2).describe('How many servers; every one answers Envoys, one writes.'),
      namespaces: z
        .array(name)
        .default([])
        .describe('Namespaces that are read, besides the own one, by a Role in each. Empty: all of the cluster, by a ClusterRole.'),
      extraArgs: z.array(z.string()).default([]).describe('More options of `sluice serve`: `[--ingress-class=nginx, --watch-ingress-without-class]`.'),
      env: list.describe('Variables of the container.'),
      logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info').describe('How much is logged.'),
      publish: z.boolean().default(true).describe('Whether the addresses of the Service of Envoy are written to the status of Ingresses and Gateways.'),
      startFromState: duration.default('10s').describe('After a restart, how long the API server may stay away before what was stored is served.'),
      stateSize: z.string().default('1Gi').describe('The most that the state folder takes. It lives as long as its pod.'),
      storeSecrets: z
        .boolean()
        .default(true)
        .describe('Whether keys and certificates are stored there, sealed, so that HTTPS works after a restart without the API server.'),
      resources: requests('100m', '256Mi', '1Gi'),
      disruptionBudget: free.default({ maxUnavailable: 1 }).describe('How many may be away for maintenance of nodes. Empty: as many as there are.'),
      ...placement,
    })
    .prefault({}),
  certificates: z
    .strictObject({
      issuer: z
        .enum(['Sluice', 'CertManager'])
        .default('Sluice')
        .describe('Who makes the certificates of Sluice and Envoys: `Sluice` (a CronJob keeps them in Secrets) or `CertManager`.'),
      days: z.int().min(2).max(3650).default(30).describe('How long they are valid; the last third is left for their renewal.'),
      authorityDays: z.int().min(10).max(3650).default(365).describe('How long the authority of `Sluice` is valid; the next one is made in its last third.'),
      schedule: z.string().default('23 3 * * *').describe('When the CronJob runs: at least daily.'),
      issuerRef: free.describe('Issuer of cert-manager, `{name: NAME, kind: ClusterIssuer}`. Empty: one with an authority of its own, which the chart makes.'),
    })
    .prefault({}),
  envoy: z
    .strictObject({
      kind: z.enum(['Deployment', 'DaemonSet', 'None']).default('Deployment').describe('How the Envoys of the group run.'),
      group: name.max(63).default('default').describe('Group of these Envoys; `group` of a GatewayConfig, where it is not `default`.'),
      image: image('envoyproxy/envoy', 'v1.40-latest', 'Envoy: 1.37 or newer'),
      replicas: z.int().min(0).max(1000).nullable().default(2).describe('How many, as a Deployment. `null`: an autoscaler says it.'),
      logLevel: z.enum(['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off']).default('info').describe('How much Envoy logs.'),
      maxConnections: z.int().min(1).default(50_000).describe('Open client connections above which new ones are refused.'),
      zoneLabel: z
        .boolean()
        .default(false)
        .describe(
          'Whether Envoy knows its zone by the label `topology.kubernetes.io/zone` of its pod, which Kubernetes writes from 1.35 on. For backends that prefer endpoints near by.',
        ),
      passwords: z.boolean().default(true).describe('Whether `sluice authz` runs beside it, for Ingresses with passwords.'),
      ports: z
        .array(
          z.strictObject({
            name: name.max(15),
            port: port,
            containerPort: port,
            hostPort: port.optional(),
            protocol: z.enum(['TCP', 'UDP']).default('TCP'),
          }),
        )
        .default([
          { name: 'http', port: 80, containerPort: 8080, protocol: 'TCP' },
          { name: 'https', port: 443, containerPort: 8443, protocol: 'TCP' },
        ])
        .describe(
          'Ports of the Service and what Envoy binds for them: 8080 and 8443 for 80 and 443, else the port itself. `hostPort` takes it on the node as well.',
        ),
      service: z
        .strictObject({
          type: z.enum(['LoadBalancer', 'NodePort', 'ClusterIP', 'None']).default('LoadBalancer').describe('How clients come in. `None`: no Service.'),
          externalTrafficPolicy: z
            .enum(['Local', 'Cluster'])
            .default('Local')
            .describe('`Local`: load balancers send to nodes with an Envoy, and Envoy sees who the client is. `Cluster`: to any node.'),
          annotations: texts.describe('Annotations, by which load balancers are set up.'),
          loadBalancerClass: z.string().default('').describe('Whose load balancer it is.'),
          loadBalancerSourceRanges: z.array(z.string()).default([]).describe('Networks that may come in. Empty: all.'),
        })
        .prefault({}),
      drain: z
        .strictObject({
          noticeSeconds: seconds.default(10).describe('How long new connections are still taken after health checks began to fail.'),
          quietSeconds: seconds.default(3).describe('Idle connections are closed after this long without any request.'),
          timeoutSeconds: seconds.default(65).describe('The longest that all of it may take.'),
        })
        .prefault({}),
      resources: requests('500m', '512Mi', '1Gi'),
      disruptionBudget: free.default({ maxUnavailable: 1 }).describe('How many may be away for maintenance of nodes. Empty: as many as there are.'),
      ...placement,
    })
    .prefault({}),
  provisioning: z
    .strictObject({
      enabled: z
        .boolean()
        .default(false)
        .describe(
          'Whether Sluice makes Envoys for the Gateways whose GatewayConfig says `envoys: {mode: PerGateway}`, like those of `envoy`. It may then make Deployments, Services and Secrets in the namespaces that it reads.',
        ),
    })
    .prefault({}),
  sidecars: z
    .array(z.strictObject({ namespace: name, service: name }))
    .default([])
    .describe('Services with a Sidecar object: their pods get a Secret `NAME-group-sidecar.NAMESPACE.SERVICE` in their namespace.'),
  gatewayClass: z
    .strictObject({
      create: z.boolean().default(true).describe('Whether the GatewayClass is made, where the CRDs of Gateway API are there.'),
      name: name.default('sluice').describe('Its name.'),
    })
    .prefault({}),
  ingressClass: z
    .strictObject({
      create: z.boolean().default(true).describe('Whether the IngressClass is made.'),
      name: name.default('sluice').describe('Its name.'),
      isDefault: z.boolean().default(false).describe('Whether new Ingresses without a class get it.'),
    })
    .prefault({}),
  networkPolicy: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe(
          'Whether only Envoys of this release, of Gateways and of `sidecars` reach Sluice, Sluice only name servers and the API server, and clients only the ports of Envoys that listeners have.',
        ),
      apiServerPorts: z.array(port).default([443, 6443]).describe('Ports of the API server.'),
      metricsFrom: list.describe(
        'Who may ask the admin port, for Prometheus: `[{namespaceSelector: {matchLabels: {…}}}]`. Empty: nobody but the node, for its probes.',
      ),
    })
    .prefault({}),
  serviceMonitor: z
    .strictObject({
      enabled: z.boolean().default(false).describe('Whether the Prometheus operator is told to read the metrics of Sluice.'),
      interval: duration.default('30s').describe('How often.'),
      labels: texts.describe('Labels by which the operator finds it.'),
    })
    .prefault({}),
  admissionPolicy: z
    .strictObject({
      enabled: z.boolean().default(false).describe('Whether a ValidatingAdmissionPolicy refuses objects that are surely wrong, before they are stored.'),
    })
    .prefault({}),
  global: z.looseObject({}).optional().describe('Of the chart above, where this one is part of another.'),
});
