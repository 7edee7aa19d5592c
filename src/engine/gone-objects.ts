import type { Origin } from '../diagnostic.ts';
import { type Kind, kinds } from '../kind/index.ts';
import { resourceTypes } from '../resource.ts';
import type { Configuration } from '../revision/release.ts';
import type { StoreView } from '../store/view.ts';

/** The objects that a configuration was made from and that are not there any more, each once, in their order. */
export function goneObjects({ snapshot, representation }: Configuration, view: StoreView): readonly Origin[] {
  const routes = (representation?.routeConfigurations ?? []).flatMap((one) => one.virtualHosts.flatMap((host) => host.routes));
  const resources = resourceTypes.flatMap((type) => [...snapshot.resources[type].values()]);
  const found = new Map<string, Origin>();
  for (const origin of [...resources, ...routes].flatMap(({ origins }) => origins)) {
    if (origin.object === undefined || found.has(origin.object) || isThere(view, origin.object)) continue;
    found.set(origin.object, { object: origin.object, ...(origin.file === undefined ? {} : { file: origin.file }) });
  }
  return [...found.values()];
}

/** @param object `KIND NAMESPACE/NAME`, or `KIND NAME`. */
function isThere(view: StoreView, object: string): boolean {
  const [kind = '', path = ''] = object.split(' ');
  if (!(kind in kinds)) return true;
  const [first = '', second] = path.split('/');
  return view.get(kind as Kind, second === undefined ? '' : first, second ?? first) !== undefined;
}
