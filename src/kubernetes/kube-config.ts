import { KubeConfig } from '@kubernetes/client-node';
import { reasonOf } from '../reason.ts';
import { ClusterAccessError } from './api-error.ts';

/** Which cluster is meant, and as whom. */
export interface ClusterChoice {
  /** A kubeconfig file. Undefined: what `KUBECONFIG` names, else `~/.kube/config`, else the account of the pod that this runs in. */
  readonly kubeconfig?: string;
  /** A context of it. Undefined: the current one. */
  readonly context?: string;
}

/**
 * Reads how a cluster is reached, anew at each call: files of tokens and certificates are written again when they run out.
 * @throws {ClusterAccessError} where no cluster is meant, or what names it cannot be read.
 */
export function loadKubeConfig({ kubeconfig, context }: ClusterChoice): KubeConfig {
  const config = new KubeConfig();
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (error) {
    throw new ClusterAccessError(`${kubeconfig ?? 'the kubeconfig file'} cannot be read: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  if (context !== undefined) {
    if (!config.getContextObject(context)) {
      const known = config.getContexts().map(({ name }) => name);
      throw new ClusterAccessError(`there is no context ${context}; there are ${known.join(', ') || 'none'}`);
    }
    config.setCurrentContext(context);
  }
  const cluster = config.getCurrentCluster();
  // What the library falls back on where it finds nothing at all.
  if (!cluster || (kubeconfig === undefined && cluster.name === 'cluster' && cluster.server === 'http://localhost:8080')) {
    throw new ClusterAccessError('no cluster is named: give --kubeconfig FILE or KUBECONFIG, with a current context, or run in a pod');
  }
  return config;
}
