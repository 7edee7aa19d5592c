/** What may be taken of a room. */
export interface RoomLimits {
  /** Of all that ask for at most half of it. What is larger has a place beside it, one at a time. */
  readonly bytes: number;
  /** Of these by one connection, unless it asks for a single piece that is larger. */
  readonly bytesPerConnection: number;
  /** How many may wait for room. */
  readonly waiting: number;
}

/** Memory that is shared by all, and given to one after the other. */
export interface Room {
  /**
   * Asks for a number of bytes.
   * @param connection whose they are, compared by identity.
   * @param onGranted called later where there is no room at once; never after `leave`.
   * @returns undefined: too many wait already.
   */
  enter(connection: object, bytes: number, onGranted: () => void): Place | undefined;
  /** How much is given away, in bytes. */
  takenBytes(): number;
  /** How many wait. */
  waiting(): number;
}

/** What somebody has of a room, or waits for. */
export interface Place {
  isGranted(): boolean;
  /** Gives it back, once. */
  leave(): void;
}

interface Waiting {
  readonly connection: object;
  readonly bytes: number;
  readonly grant: () => void;
}

/**
 * Makes a room that is empty. All is given before it is used, so that nobody waits with a part in hand; first come, first
 * served, except that who needs little may pass who needs much, and that one who needs most of it takes it from nobody.
 */
export function createRoom({ bytes: most, bytesPerConnection, waiting: mostWaiting }: RoomLimits): Room {
  const byConnection = new Map<object, number>();
  const queue = new Set<Waiting>();
  const isLarge = (bytes: number): boolean => bytes > most / 2;
  let taken = 0;
  let large = 0;

  /** Nobody takes more than half of what is left: a few who ask for much leave room for many who ask for little. */
  function fits(connection: object, bytes: number): boolean {
    const own = byConnection.get(connection) ?? 0;
    const isFree = isLarge(bytes) ? large === 0 : bytes <= (most - taken) / 2;
    return isFree && (own === 0 || own + bytes <= bytesPerConnection);
  }
  function add(connection: object, bytes: number): void {
    if (isLarge(Math.abs(bytes))) large += bytes;
    else taken += bytes;
    const own = (byConnection.get(connection) ?? 0) + bytes;
    if (own === 0) byConnection.delete(connection);
    else byConnection.set(connection, own);
  }
  function serve(): void {
    for (const waiting of queue) {
      if (!fits(waiting.connection, waiting.bytes)) continue;
      queue.delete(waiting);
      waiting.grant();
    }
  }

  return {
    takenBytes: () => taken + large,
    waiting: () => queue.size,
    enter(connection, bytes, onGranted) {
      let isGranted = false;
      const take = (): void => {
        isGranted = true;
        add(connection, bytes);
      };
      const waiting: Waiting = {
        connection,
        bytes,
        grant() {
          take();
          onGranted();
        },
      };
      if (fits(connection, bytes)) take();
      else if (queue.size < mostWaiting) queue.add(waiting);
      else return undefined;
      return {
        isGranted: () => isGranted,
        leave() {
          if (isGranted) add(connection, -bytes);
          else queue.delete(waiting);
          isGranted = false;
          serve();
        },
      };
    },
  };
}
