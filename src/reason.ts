/** What an error says. Anything may be thrown: what is no error says what it is as text. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
