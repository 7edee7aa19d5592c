import type { KeptAges } from '../warm-up/kept-ages.ts';
import type { Medium } from './medium.ts';

/** Writes the ages of endpoints as they are known last, where they differ from what is written. */
export interface AgesWriter {
  /** Takes the newest; nothing is written yet. */
  take(ages: KeptAges): void;
  /** What the medium holds already; gives it back. */
  known(ages: KeptAges): KeptAges;
  isDue(): boolean;
  write(medium: Medium): Promise<void>;
}

/** Makes one that knows nothing of what is written. Until it was given something it leaves alone what is there. */
export function createAgesWriter(): AgesWriter {
  let newest: { readonly ages: KeptAges; readonly text: string } | undefined;
  let written: string | undefined;
  const isDue = (): boolean => newest !== undefined && newest.text !== written;
  return {
    take(ages) {
      newest = { ages, text: JSON.stringify(ages) };
    },
    known(ages) {
      written = JSON.stringify(ages);
      return ages;
    },
    isDue,
    async write(medium) {
      if (!newest || !isDue()) return;
      const { ages, text } = newest;
      await medium.writeAges(ages);
      written = text;
    },
  };
}
