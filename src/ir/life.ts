/**
 * How much life is in a set of endpoints: `ready` has one that is ready, `ending` only such as end and still serve, `none` none at
 * all. What nobody can tell, as Envoy finds the endpoints itself, counts as `ready`.
 */
export type Life = 'ready' | 'ending' | 'none';

/**
 * Of the clusters that share the requests of a route, those that get nothing at this moment: where one is ready, all that are not;
 * where none is, those without any endpoint, as long as another has some. Empty where all are alike.
 * @param lives of every cluster with a weight above 0 that is served.
 */
export function withoutShare(lives: ReadonlyMap<string, Life>): ReadonlySet<string> {
  const all = [...lives.values()];
  const best = (['ready', 'ending', 'none'] as const).find((life) => all.includes(life));
  return new Set([...lives].flatMap(([cluster, life]) => (life === best ? [] : [cluster])));
}
