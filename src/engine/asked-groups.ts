import { grpcGroupParts } from '../ir/names.ts';

/** How many names are remembered; of more, those that nobody asked for the longest are not built any more. */
const mostNames = 1000;

/**
 * The groups that are built because somebody asks for them, and else would not be there: those of gRPC clients. One that was
 * asked for once stays until the server ends: its clients come back.
 */
export interface AskedGroups {
  /** Notes that a name is asked for. @returns whether a build is due because of it: the name is one of gRPC clients, and new. */
  add(group: string): boolean;
  /** All of them, also of groups that no object makes yet. */
  names(): Iterable<string>;
}

/** Makes one without any group. */
export function createAskedGroups(): AskedGroups {
  const names = new Set<string>();
  return {
    add(group) {
      if (!grpcGroupParts(group)) return false;
      const isNew = !names.delete(group);
      names.add(group);
      const [oldest] = names;
      if (names.size > mostNames && oldest !== undefined) names.delete(oldest);
      return isNew;
    },
    names: () => names,
  };
}
