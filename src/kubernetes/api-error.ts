/** No cluster is meant, or what names it cannot be read. */
export class ClusterAccessError extends Error {
  override readonly name = 'ClusterAccessError' as const;
}

/** An answer has begun, and is too long to be kept, or to come within its time. */
export class AnswerTooLongError extends Error {
  override readonly name = 'AnswerTooLongError' as const;
}

/** What an API server answered instead of what was asked for. */
export class ApiError extends Error {
  override readonly name = 'ApiError' as const;
  /** Status of HTTP. */
  readonly status: number;
  /** Why, in one word of Kubernetes: `NotFound`, `Forbidden`, `Expired`, `Conflict`. `''` where something else answered, such as a proxy. */
  readonly reason: string;
  /** When to ask again, in milliseconds from the answer. Undefined: it does not say. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, reason: string, message: string, retryAfterMs?: number) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What the body of an answer says went wrong: a `Status`, where it comes from an API server. */
export function apiError(status: number, body: string, retryAfter: string | undefined): ApiError {
  const seconds = Number(retryAfter);
  const retryAfterMs = retryAfter !== undefined && seconds > 0 ? seconds * 1000 : undefined;
  const { reason = '', message = `status ${status}` } = statusIn(body);
  return new ApiError(status, reason, message, retryAfterMs);
}

/** The same for the `Status` that an event of a watch holds. */
export function statusError(object: unknown): ApiError {
  const { code = 500, reason = '', message = 'the watch failed' } = object as { readonly code?: number; readonly reason?: string; readonly message?: string };
  return new ApiError(code, reason, message);
}

function statusIn(body: string): { readonly reason?: string; readonly message?: string } {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // A proxy on the way answers in a form of its own.
  }
  return {};
}
