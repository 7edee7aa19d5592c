import type { Sink } from '../store/sink.ts';

/** Where state comes from: files, Kubernetes, registries. One file a source in this folder. */
export interface Source {
  /** Short and unique: `files:/etc/sluice`. Shown by `sluice status` and `/readyz`. */
  readonly name: string;
  /** Reads and watches until the signal aborts; resolves then. Rejects only for what no retry can mend. */
  run(sink: Sink, signal: AbortSignal): Promise<void>;
}
