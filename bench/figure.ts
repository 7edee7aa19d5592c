/** One line of a report: what was measured of Sluice, beside a control and an aim where there are some. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly sluice: number;
  /** What it is compared with, in the same run. */
  readonly control?: { readonly name: string; readonly value: number };
  /** Sluice to control, or control to Sluice where the aim is to be so many times better. */
  readonly ratio?: number;
  readonly aim?: { readonly text: string; readonly met: boolean };
}

/** Heads of the columns of `figureRow`. */
export const figureHead = ['', 'SLUICE', 'CONTROL', '', 'RATIO', 'AIM', ''];

/** A figure as a row of a table. */
export function figureRow({ what, unit, sluice, control, ratio, aim }: Figure): readonly string[] {
  const own = withUnit(sluice, unit);
  const compared = control && ratio !== undefined ? [withUnit(control.value, unit), control.name, digits(ratio)] : ['', '', ''];
  return [what, own, ...compared, aim?.text ?? '', aim === undefined ? '' : aim.met ? 'met' : 'NOT MET'];
}

/** How many of the aims are met. Undefined: there are none. */
export function metLine(figures: readonly Figure[]): string | undefined {
  const judged = figures.flatMap(({ aim }) => aim ?? []);
  return judged.length === 0 ? undefined : `${judged.filter(({ met }) => met).length} of ${judged.length} aims met`;
}

const withUnit = (value: number, unit: string): string => `${digits(value)} ${unit}`.trim();

/** Three digits that count. */
function digits(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return value.toPrecision(3);
}
