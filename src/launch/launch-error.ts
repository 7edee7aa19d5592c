/** Something that the person who starts Sluice has to change: no Envoy to be had, a port that is taken, a process that ended. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError' as const;
  /** What to do, one sentence or several lines. */
  readonly remedy: string;

  constructor(message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.remedy = remedy;
  }
}
