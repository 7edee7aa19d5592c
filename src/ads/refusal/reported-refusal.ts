import type { Resource, Snapshot } from '../../resource.ts';
import { type RoutePiece, routePieces } from '../../revision/route-pieces.ts';
import type { ToldRefusal } from './refusals.ts';

/** A refusal as one replica tells another of it, which knows by itself what is refused and where it comes from. */
export interface ReportedRefusal extends Pick<ToldRefusal, 'group' | 'agent' | 'type' | 'name' | 'version' | 'instead' | 'message' | 'node'> {
  /** Key and version of the piece. Undefined: the resource as a whole. */
  readonly piece?: Pick<RoutePiece, 'key' | 'version'>;
}

/** What is told of a refusal. */
export function reportedRefusal({ group, agent, type, name, version, piece, instead, message, node }: ToldRefusal): ReportedRefusal {
  return {
    group,
    agent,
    type,
    name,
    version,
    instead,
    message,
    ...(piece && { piece: { key: piece.key, version: piece.version } }),
    ...(node !== undefined && { node }),
  };
}

/** Own refusals, and those of others that concern what is served here as well: what changed since, nobody is known to refuse. */
export function joinedRefusals(
  own: readonly ToldRefusal[],
  others: readonly ReportedRefusal[],
  snapshotOf: (group: string) => Snapshot | undefined,
): readonly ToldRefusal[] {
  const keyOf = ({ group, agent, type, name, piece, node }: ReportedRefusal): string => JSON.stringify([group, agent, type, name, piece?.key, node]);
  const joined = new Map(own.map((refusal) => [keyOf(refusal), refusal]));
  for (const refusal of others) {
    const key = keyOf(refusal);
    const known = joined.has(key) ? undefined : recognised(refusal, snapshotOf(refusal.group)?.resources[refusal.type].get(refusal.name));
    if (known) joined.set(key, known);
  }
  return [...joined.values()];
}

function recognised({ piece: reported, ...refusal }: ReportedRefusal, resource: Resource | undefined): ToldRefusal | undefined {
  if (!resource) return undefined;
  const told = { ...refusal, origins: resource.origins };
  if (!reported) return resource.version === refusal.version ? told : undefined;
  const piece = routePieces(resource).get(reported.key);
  return piece?.version === reported.version ? { ...told, piece } : undefined;
}
