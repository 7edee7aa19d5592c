import type { Run } from '../run.ts';
import type { KubernetesOptions } from './options.ts';

/** What the parts of this bench share. */
export interface BenchContext extends Run {
  readonly options: KubernetesOptions;
  /** The program. */
  readonly sluice: string;
  /** Path of an Envoy. */
  readonly envoy: string;
}
