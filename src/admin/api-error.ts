import type { ContentfulStatusCode } from 'hono/utils/http-status';

const statuses = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  Conflict: 409,
  TooLarge: 413,
  TooMany: 429,
  Internal: 500,
  NotReady: 503,
} as const satisfies Record<string, ContentfulStatusCode>;

/** What went wrong with a call, for programs. */
export type ApiErrorCode = keyof typeof statuses;

/** The body of every answer that is not a success. */
export interface ApiErrorBody {
  readonly error: {
    readonly code: ApiErrorCode;
    /** For people: what is wrong and, where that helps, what would be right. */
    readonly message: string;
  };
}

/** Ends a call of the API with an error. */
export class ApiError extends Error {
  override readonly name = 'ApiError' as const;
  readonly code: ApiErrorCode;

  constructor(code: ApiErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** The HTTP status that says the same as the code. */
  get status(): ContentfulStatusCode {
    return statuses[this.code];
  }

  get body(): ApiErrorBody {
    return { error: { code: this.code, message: this.message } };
  }
}
