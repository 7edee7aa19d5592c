import type { AdsObserver } from '../../src/ads/stream/status.ts';

/** Is told of everything and keeps nothing: tests replace what they want to know. */
export const quietObserver: AdsObserver = {
  streamOpened() {},
  streamClosed() {},
  pushed() {},
  acked() {},
  nacked() {},
  streamRefused() {},
  connectionRefused() {},
};
