import type { Binaries } from '../go.ts';

/** The programs in `cmd`. */
export const programs = ['backend', 'load', 'peer', 'witness'] as const;

export type ReleaseBinaries = Binaries<(typeof programs)[number]>;
