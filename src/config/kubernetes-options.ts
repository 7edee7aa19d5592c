import { type Diagnostic, diagnostic } from '../diagnostic.ts';

/** The cluster as a command line gives it: undefined where an option is not given. */
export interface GivenKubernetes {
  readonly kubernetes?: boolean;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: readonly string[];
  readonly selector?: string;
}

/** Which objects of which cluster are read. */
export interface KubernetesConfig {
  /** Undefined: what `KUBECONFIG` names, else `~/.kube/config`, else the account of the pod. */
  readonly kubeconfig?: string;
  /** Undefined: the current one. */
  readonly context?: string;
  /** Empty: all. */
  readonly namespaces: readonly string[];
  /** Labels that Ingresses, Gateways, routes and Sidecars must have, as `kubectl -l` takes them. Undefined: all are read. */
  readonly selector?: string;
}

interface KubernetesOption {
  readonly key: keyof GivenKubernetes;
  readonly flags: string;
  readonly variable: string;
  readonly doc: string;
  /** Whether it may be given several times, and its variable hold several with commas between. */
  readonly isList?: true;
}

/** What of a cluster is read, in the order of the help. */
export const kubernetesOptions: readonly KubernetesOption[] = [
  {
    key: 'kubernetes',
    flags: '--kubernetes',
    variable: 'SLUICE_KUBERNETES',
    doc: 'read objects of a Kubernetes cluster, after those of folders: that of KUBECONFIG, of ~/.kube/config, or of the pod',
  },
  { key: 'kubeconfig', flags: '--kubeconfig <file>', variable: 'SLUICE_KUBECONFIG', doc: 'kubeconfig file of the cluster' },
  { key: 'context', flags: '--context <name>', variable: 'SLUICE_CONTEXT', doc: 'context of it, instead of the current one' },
  {
    key: 'namespace',
    flags: '--namespace <name>',
    variable: 'SLUICE_NAMESPACE',
    doc: 'read this namespace of the cluster only; may be repeated (in the variable: commas between)',
    isList: true,
  },
  {
    key: 'selector',
    flags: '--selector <labels>',
    variable: 'SLUICE_SELECTOR',
    doc: 'read only Ingresses, Gateways, HTTPRoutes, GRPCRoutes and Sidecars of the cluster with these labels, as kubectl -l takes them',
  },
];

/**
 * What the options say, then the environment. Reports `InvalidOption` for what means nothing without `--kubernetes`.
 * @returns no choice: no cluster is read.
 */
export function kubernetesConfigOf(
  given: GivenKubernetes,
  env: Readonly<Record<string, string | undefined>>,
): { readonly choice?: KubernetesConfig; readonly diagnostics: readonly Diagnostic[] } {
  const text = (key: 'kubeconfig' | 'context' | 'selector'): string | undefined => given[key] ?? (env[variableOf(key)] || undefined);
  const [kubeconfig, context, selector] = [text('kubeconfig'), text('context'), text('selector')];
  const namespaces = given.namespace ?? (env[variableOf('namespace')] ?? '').split(',').flatMap((one) => one.trim() || []);
  const diagnostics: Diagnostic[] = [];
  const written = env[variableOf('kubernetes')] ?? '';
  if (!['', 'true', 'false', '1', '0'].includes(written)) {
    const field = variableOf('kubernetes');
    diagnostics.push(diagnostic('InvalidOption', { field }, `${JSON.stringify(written)} is not "true" or "false".`, 'Give "true" or "false".'));
  }
  for (const name of namespaces) {
    if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) continue;
    const message = `${JSON.stringify(name)} is not the name of a namespace.`;
    diagnostics.push(diagnostic('InvalidOption', { field: '--namespace' }, message, 'Give a name of lower case letters, digits and `-`.'));
  }
  if (!(given.kubernetes ?? ['true', '1'].includes(written))) {
    const useless = kubernetesOptions.filter(({ key }) => key !== 'kubernetes' && given[key] !== undefined);
    for (const { flags } of useless) {
      const field = flags.split(' ')[0] ?? flags;
      diagnostics.push(diagnostic('InvalidOption', { field }, `${field} says which objects of a cluster are read, and none is.`, 'Give --kubernetes with it.'));
    }
    return { diagnostics };
  }
  const choice = { namespaces, ...(kubeconfig && { kubeconfig }), ...(context && { context }), ...(selector && { selector }) };
  return { choice, diagnostics };
}

const variableOf = (wanted: keyof GivenKubernetes): string => kubernetesOptions.find(({ key }) => key === wanted)?.variable ?? '';
