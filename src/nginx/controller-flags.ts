import { memoized } from '../memo/memoized.ts';
import type { IngressSettings } from '../settings.ts';
import type { FieldPath, Stored } from '../store/stored.ts';
import type { StoreView } from '../store/view.ts';
import { type FlagReading, flagsIn, readFlag, type WrittenFlag } from './read-flags.ts';

/** What runs the controller of ingress-nginx. */
type ControllerWorkload = Stored<'Deployment'> | Stored<'DaemonSet'>;

/** What a controller is started with. */
export interface ControllerFlags {
  /** Undefined: there is no controller among the objects. */
  readonly workload: ControllerWorkload | undefined;
  readonly written: readonly (WrittenFlag & { readonly field: FieldPath; readonly reading: FlagReading })[];
  readonly settings: Partial<IngressSettings>;
}

const none: ControllerFlags = { workload: undefined, written: [], settings: {} };

/** The flags of the controller among the objects; of the first by namespace and name where there are several. */
export function controllerFlags(view: StoreView): ControllerFlags {
  for (const workload of [...view.list('Deployment'), ...view.list('DaemonSet')]) {
    const found = flagsOf(workload);
    if (found) return found;
  }
  return none;
}

/** An object that changes is another one. Undefined: it runs something else. */
const flagsOf = memoized((workload: ControllerWorkload): ControllerFlags | undefined => {
  const containers = workload.object.spec?.template?.spec?.containers ?? [];
  for (const [index, { command, args }] of containers.entries()) {
    const lists = [
      ['command', command ?? []],
      ['args', args ?? []],
    ] as const;
    if (!lists.some(([, words]) => words.some((word) => /(^|\/)nginx-ingress-controller$/.test(word)))) continue;
    const written = lists.flatMap(([list, words]) =>
      flagsIn(words.map((word) => word.replaceAll('$(POD_NAMESPACE)', workload.namespace))).map((flag) => ({
        ...flag,
        field: ['spec', 'template', 'spec', 'containers', index, list, flag.index],
        reading: readFlag(flag),
      })),
    );
    const settings = Object.assign({}, ...written.map(({ reading }) => (reading.type === 'setting' ? reading.setting : {})));
    return { workload, written, settings };
  }
  return undefined;
});
