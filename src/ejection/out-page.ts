import { z } from 'zod';
import { type HostHealth, type OutStatistics, outStatisticsQuery, readOutHosts, readOutStatistics } from './admin-pages.ts';

/** What an Envoy says at one moment of the endpoints that it leaves out. */
export interface OutNow extends Pick<OutStatistics, 'enforced'> {
  readonly hosts: readonly HostHealth[];
}

/** The same, with whose words they are. */
export interface OutPage extends OutNow {
  /** `node.id`. */
  readonly node: string;
  /** `node.cluster`. */
  readonly group: string;
}

/** Where a view (`sluice drain --view`) has it. */
export const outPath = '/out';

const schema = z.object({
  node: z.string(),
  group: z.string(),
  enforced: z.record(z.string(), z.record(z.string(), z.number())),
  hosts: z.array(z.object({ cluster: z.string(), address: z.string(), port: z.int(), isEjected: z.boolean(), failsHealthCheck: z.boolean() })),
});

/**
 * Asks an Envoy by its admin page. Its list of endpoints, which may be long, is asked for only while some are out.
 * @param get gives what the admin page has at a path, read from JSON; what it rejects with is handed on.
 */
export async function askedOut(get: (path: string) => Promise<unknown>): Promise<OutNow> {
  const { hasUnhealthy, enforced } = readOutStatistics(await get(`/stats?${outStatisticsQuery}`));
  return { enforced, hosts: hasUnhealthy ? readOutHosts(await get('/clusters?format=json')) : [] };
}

/** As a view answers it, in JSON. */
export function outBody({ enforced, ...page }: OutPage): z.infer<typeof schema> {
  const counts = [...enforced].map(([cluster, detectors]) => [cluster, Object.fromEntries(detectors)]);
  return { ...page, enforced: Object.fromEntries(counts), hosts: [...page.hosts] };
}

/** What a view answered. @throws {z.ZodError} where it is something else. */
export function readOut(body: unknown): OutPage {
  const { enforced, ...page } = schema.parse(body);
  return { ...page, enforced: new Map(Object.entries(enforced).map(([cluster, detectors]) => [cluster, new Map(Object.entries(detectors))])) };
}
