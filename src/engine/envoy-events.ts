import type { ResourceType } from '../resource.ts';
import type { ConnectedNode } from '../revision/rollout.ts';
import type { Releases } from './releases.ts';

/** What the engine is told of Envoys, for revisions that are tried on a few of them. */
export interface EnvoyEvents {
  refused(node: Envoy, refusal: Refused): void;
  /** A stream of it ended. */
  lost(node: Envoy): void;
}

type Envoy = Pick<ConnectedNode, 'id' | 'group'>;

/** Resources that an Envoy refused, in its own words. */
interface Refused {
  readonly type: ResourceType;
  readonly message: string;
  readonly resources: readonly { readonly name: string; readonly version: string }[];
}

/** Tells rollouts of what their Envoys do. @param nodes every Envoy that is connected. */
export function createEnvoyEvents(releases: Pick<Releases, 'get' | 'step'>, nodes: () => readonly ConnectedNode[]): EnvoyEvents {
  return {
    refused({ id, group }, { type, message, resources }) {
      const { served, rollout } = releases.get(group) ?? {};
      if (!rollout) return;
      const known = served?.snapshot.resources[type];
      // What it refuses and has had before is no fault of the revision that is tried.
      if (resources.length > 0 && resources.every(({ name, version }) => known?.get(name)?.version === version)) return;
      releases.step(group, { type: 'refused', node: id, why: `${id} refused ${type}: ${message}` });
    },
    lost({ id, group }) {
      // Another stream of it may go on.
      if (!releases.get(group)?.rollout || nodes().some((node) => node.group === group && node.id === id)) return;
      releases.step(group, { type: 'lost', node: id });
    },
  };
}
