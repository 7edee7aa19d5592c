import { z } from 'zod';
import { withRule } from './cel.ts';
import { cidr } from './cidr.ts';

/** @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const quantity = z
  .string()
  .max(32)
  .regex(/^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/, 'not a quantity: write it as `500m`, `2` or `512Mi`');

const amounts = z.strictObject({
  cpu: quantity.optional().describe('Processors: `500m`, `2`.'),
  memory: quantity.optional().describe('Memory: `512Mi`.'),
});

const toleration = z.strictObject({
  key: z.string().max(316).optional().describe('Key of the taint. Any unless written.'),
  operator: z.enum(['Exists', 'Equal']).optional().describe('`Equal` unless written.'),
  value: z.string().max(63).optional().describe('Value of the taint, with `Equal`.'),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional().describe('Effect of the taint. Any unless written.'),
  tolerationSeconds: z.int().min(0).optional().describe('How long a pod stays on a node with a taint `NoExecute`. For ever unless written.'),
});

const service = z.strictObject({
  type: z.enum(['LoadBalancer', 'NodePort', 'ClusterIP']).optional().describe('How clients come in.'),
  externalTrafficPolicy: z
    .enum(['Local', 'Cluster'])
    .optional()
    .describe('`Local`: load balancers send to nodes with an Envoy, and Envoy sees who the client is. `Cluster`: to any node.'),
  loadBalancerClass: z.string().min(1).max(316).optional().describe('Whose load balancer it is. Kubernetes lets nobody change it.'),
  loadBalancerSourceRanges: z.array(cidr).max(64).optional().describe('Networks that may come in.'),
});

/** Who runs the Envoys of a Gateway, and how they run. */
export const envoys = withRule(
  z.strictObject({
    mode: z
      .enum(['Shared', 'PerGateway'])
      .describe(
        '`Shared`: the Envoys of the group, which somebody runs. `PerGateway`: Sluice makes a Deployment and a Service for each Gateway, with the group `gateway/NAMESPACE/NAME`; the Helm chart has to allow it, by `provisioning.enabled`.',
      ),
    replicas: z.int().min(0).max(1000).optional().describe('How many.'),
    image: z.string().min(1).max(512).optional().describe('Image of Envoy: 1.37 or newer.'),
    resources: z
      .strictObject({
        requests: amounts.optional().describe('What the container asks for.'),
        limits: amounts.optional().describe('The most that it gets.'),
      })
      .optional()
      .describe('What Envoy asks for, and the most that it gets.'),
    maxConnections: z.int().min(1).max(4_294_967_295).optional().describe('Open client connections above which an Envoy refuses new ones.'),
    nodeSelector: z.record(z.string().max(316), z.string().max(63)).optional().describe('Labels that a node must have.'),
    tolerations: z.array(toleration).max(32).optional().describe('Taints of nodes that do not matter.'),
    service: service.optional().describe('The Service of the Gateway. Its ports are those of the listeners, its annotations those of `infrastructure`.'),
  }),
  (value) => value.mode === 'PerGateway' || Object.keys(value).length === 1,
  "self.mode == 'PerGateway' || !(has(self.replicas) || has(self.image) || has(self.resources) || has(self.maxConnections) || has(self.nodeSelector) || has(self.tolerations) || has(self.service))",
  'how Envoys run is said with the mode PerGateway; shared ones are run by somebody else',
);
