import { writeFile } from 'node:fs/promises';

/** Files that take what was measured; undefined: none. */
interface ResultFiles {
  /** All figures. */
  readonly json?: string;
  /** A picture of them, SVG. */
  readonly plot?: string;
}

/**
 * Prints what was measured, and writes the files that the options of a bench name.
 * @param picture undefined: it has none.
 */
export async function tellResults<Measurement>(
  measurement: Measurement,
  { json, plot }: ResultFiles,
  report: (measurement: Measurement) => string,
  picture?: (measurement: Measurement) => string,
): Promise<void> {
  if (json !== undefined) await writeFile(json, `${JSON.stringify(measurement, null, 2)}\n`);
  if (plot !== undefined && picture) await writeFile(plot, picture(measurement));
  console.log(report(measurement));
}
