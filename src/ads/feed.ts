import type { SnapshotEvent } from './stream/event.ts';
import type { Node } from './stream/request.ts';

/** A snapshot that was published, and for whom. */
interface Published {
  readonly event: SnapshotEvent;
  /** Whether a node of the snapshot's group is served it. */
  readonly isFor: (node: string) => boolean;
}

/**
 * What was published, in this order. Each stream reads on in its own turn: to tell a thousand streams first and to let them
 * answer then would be to touch all that is known of each of them twice.
 */
export interface Feed {
  publish(published: Published): void;
  /** A reader of what will be published from now on. */
  reader(): FeedReader;
}

/** How far a stream has read. */
export interface FeedReader {
  /** The next one that is for a node; undefined where it has read all. @param node undefined: nothing is for it yet. */
  next(node: Node | undefined): SnapshotEvent | undefined;
}

/** One that was read by all is held by nobody, and is gone. */
interface Link {
  readonly published?: Published;
  next?: Link;
}

/** Starts with nothing published. */
export function createFeed(): Feed {
  let last: Link = {};
  return {
    publish(published) {
      last.next = { published };
      last = last.next;
    },
    reader() {
      let at = last;
      return {
        next(node) {
          while (at.next) {
            at = at.next;
            const { published } = at;
            if (node && published?.event.snapshot.group === node.group && published.isFor(node.id)) return published.event;
          }
          return undefined;
        },
      };
    },
  };
}
