import { defineKind } from './kind.ts';
import { workload } from './workload.ts';

/** @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/daemon-set-v1/ */
export const daemonSet = defineKind({
  kind: 'DaemonSet',
  group: 'apps',
  versions: ['v1'],
  namespaced: true,
  schema: workload,
});
