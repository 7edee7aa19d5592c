import { AnswerTooLongError } from './api-error.ts';
import type { ClusterClient } from './client.ts';

/** A part of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** `resourceVersion` of the list: the same for all of its pages. */
  readonly version: string;
}

/** What the API server answers. */
interface ListAnswer<Item> {
  readonly items?: readonly Item[] | null;
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}

/** Objects of a page, at first. It is parsed in one go, so that it is small. */
const pageSize = 200;

/**
 * Lists objects in pages, which get smaller where objects are so large, or the way so slow, that one is too long.
 * @throws {ApiError} as `ask`; 410 where the API server no longer knows how the list went on.
 */
export async function* pagesOf<Item>(client: Pick<ClusterClient, 'ask'>, request: Parameters<ClusterClient['ask']>[0]): AsyncGenerator<Page<Item>> {
  let limit = pageSize;
  let next: string | undefined;

  async function ask(): Promise<ListAnswer<Item>> {
    for (;;) {
      try {
        return (await client.ask({ ...request, query: { ...request.query, limit, continue: next } })) as ListAnswer<Item>;
      } catch (error) {
        if (!(error instanceof AnswerTooLongError) || limit === 1) throw error;
        limit = Math.ceil(limit / 8);
      }
    }
  }

  do {
    const { items, metadata } = await ask();
    yield { items: items ?? [], version: metadata.resourceVersion };
    next = metadata.continue || undefined;
  } while (next !== undefined);
}
