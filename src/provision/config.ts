import { parse } from 'yaml';
import { z } from 'zod';
import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { reasonOf } from '../reason.ts';

/** Pieces of objects of Kubernetes, which the API server checks. */
const free = z.record(z.string(), z.unknown());
const texts = z.record(z.string(), z.string());
const amounts = z.record(z.string(), z.union([z.string(), z.number()]));
const image = z.strictObject({ repository: z.string().min(1), tag: z.string().min(1), pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']) });

/**
 * What the Envoys are like that are made for Gateways, where a GatewayConfig does not say it. It is what the Helm chart knows of
 * its own Envoys, under the same names.
 */
const provisioningConfig = z.strictObject({
  /** Image of Sluice: of the containers beside Envoy. */
  image,
  imagePullSecrets: z.array(free),
  /** Where Envoys find Sluice, `HOST:PORT`. */
  xds: z.string().min(1),
  /** The Secret that `sluice certificates` keeps the authority in. */
  authority: z.strictObject({ namespace: z.string().min(1), name: z.string().min(1) }),
  /** How long certificates of Envoys are valid. */
  certificateDays: z.int().min(2).max(3650),
  /** Whether policies let nobody reach other ports of Envoys than those of listeners. */
  networkPolicy: z.boolean(),
  envoy: z.strictObject({
    image,
    /** Null: somebody else says how many. */
    replicas: z.int().min(0).nullable(),
    logLevel: z.string(),
    maxConnections: z.int().min(1),
    zoneLabel: z.boolean(),
    service: z.strictObject({
      type: z.enum(['LoadBalancer', 'NodePort', 'ClusterIP', 'None']),
      externalTrafficPolicy: z.enum(['Local', 'Cluster']),
      annotations: texts,
      loadBalancerClass: z.string(),
      loadBalancerSourceRanges: z.array(z.string()),
    }),
    drain: z.strictObject({ noticeSeconds: z.int(), quietSeconds: z.int(), timeoutSeconds: z.int() }),
    resources: z.strictObject({ requests: amounts.optional(), limits: amounts.optional() }),
    /** Empty: none. */
    disruptionBudget: free,
    podLabels: texts,
    podAnnotations: texts,
    nodeSelector: texts,
    tolerations: z.array(free),
    /** Empty: no two on one node, where that can be helped. */
    affinity: free,
    /** Empty: evenly over zones, where that can be helped. */
    topologySpreadConstraints: z.array(free),
    priorityClassName: z.string(),
  }),
});

export type ProvisioningConfig = z.infer<typeof provisioningConfig>;

/** Reads the text of such a file. Gives `InvalidOption`. @param name of the option that names it. */
export function parseProvisioning(text: string, name: string): { readonly config?: ProvisioningConfig; readonly diagnostics: readonly Diagnostic[] } {
  const wrong = (what: string) => ({
    diagnostics: [diagnostic('InvalidOption', { field: name }, `${what}.`, 'The Helm chart makes it: `provisioning.enabled`.')],
  });
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    return wrong(`The file is no YAML: ${reasonOf(error)}`);
  }
  const result = provisioningConfig.safeParse(value);
  if (result.success) return { config: result.data, diagnostics: [] };
  return wrong(result.error.issues.map(({ path, message }) => `${path.join('.') || 'The file'}: ${message}`).join('; '));
}
