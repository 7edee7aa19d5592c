/** How near Sluice comes to what ingress-nginx does with something, from the best to the worst; `inert`: it has no effect on either, or is good to know. */
export const levels = ['exact', 'inert', 'near', 'adapted', 'unsupported', 'dangerous'] as const;

/** One of them. */
export type Level = (typeof levels)[number];

/** The worst of some levels; `exact` where there are none. */
export function worst(all: Iterable<Level>): Level {
  return levels[Math.max(0, ...[...all].map((level) => levels.indexOf(level)))] ?? 'exact';
}

/** Whether somebody has to do something before they move. */
export function isProblem(level: Level): boolean {
  return level === 'unsupported' || level === 'dangerous';
}
