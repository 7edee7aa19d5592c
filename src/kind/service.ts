import { z } from 'zod';
import { defineKind, head, ignoredStatus, port } from './kind.ts';

const servicePort = z.strictObject({
  name: z.string().max(63).optional(),
  protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(),
  appProtocol: z.string().optional(),
  port,
  targetPort: z.union([port, z.string().min(1).max(63)]).optional(),
  nodePort: z.int().min(0).max(65535).optional(),
});

/** Several ports are told apart by their names, and no two have the same number and protocol. */
function distinctPorts(ports: readonly z.infer<typeof servicePort>[], context: z.core.$RefinementCtx): void {
  const names = new Set<string | undefined>();
  const numbers = new Set<string>();
  for (const [index, { name, port, protocol = 'TCP' }] of ports.entries()) {
    const report = (field: string, message: string): void => context.addIssue({ code: 'custom', path: [index, field], message, input: ports });
    if (name === undefined && ports.length > 1) report('name', 'a Service with several ports needs a name for each');
    else if (names.has(name)) report('name', `two ports are named ${name}`);
    if (numbers.has(`${port}/${protocol}`)) report('port', `two ports have the number ${port} and the protocol ${protocol}`);
    names.add(name);
    numbers.add(`${port}/${protocol}`);
  }
}

/** @see https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/ */
export const service = defineKind({
  kind: 'Service',
  group: '',
  versions: ['v1'],
  namespaced: true,
  schema: z.strictObject({
    ...head,
    spec: z.strictObject({
      type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']).optional(),
      ports: z.array(servicePort).superRefine(distinctPorts).optional(),
      selector: z.record(z.string(), z.string()).optional(),
      clusterIP: z.string().optional(),
      clusterIPs: z.array(z.string()).optional(),
      externalName: z.string().optional(),
      externalIPs: z.array(z.string()).optional(),
      externalTrafficPolicy: z.string().optional(),
      internalTrafficPolicy: z.string().optional(),
      trafficDistribution: z.string().optional(),
      healthCheckNodePort: z.int().optional(),
      ipFamilies: z.array(z.string()).optional(),
      ipFamilyPolicy: z.string().optional(),
      loadBalancerClass: z.string().optional(),
      loadBalancerIP: z.string().optional(),
      loadBalancerSourceRanges: z.array(z.string()).optional(),
      allocateLoadBalancerNodePorts: z.boolean().optional(),
      publishNotReadyAddresses: z.boolean().optional(),
      sessionAffinity: z.enum(['None', 'ClientIP']).optional(),
      sessionAffinityConfig: z.strictObject({ clientIP: z.strictObject({ timeoutSeconds: z.int().optional() }).optional() }).optional(),
    }),
    status: ignoredStatus,
  }),
});
