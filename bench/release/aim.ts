import { faults } from './faults.ts';
import type { Outcome } from './measurement.ts';

/** What is asked of Sluice, and what came of it. */
export interface Aim {
  readonly text: string;
  readonly verdict: string;
}

/** @param exceptions what nobody could have saved; undefined: it is not met without these either. */
export function verdict(isMet: boolean, exceptions?: string): string {
  if (isMet) return 'met';
  return exceptions === undefined ? 'NOT MET' : `met but for ${exceptions}`;
}

/** Sluice is judged, what it is compared with is not. Undefined: nothing is asked. */
export function aimOf(outcome: Outcome, all: readonly Outcome[]): Aim | undefined {
  const fault = faults.find(({ name }) => name === outcome.fault);
  if (outcome.subject !== 'sluice' || !fault) return undefined;
  const { failed, duplicated, met, cut, closed } = outcome;
  const { begun, unread = 0, crossed = 0, unsent = 0 } = met;
  const isClean = failed.get + failed.post + duplicated === 0;
  const { ending, timing } = fault;
  if (timing === 'announced' && ending !== 'kill') return { text: '0 failed, 0 twice', verdict: verdict(isClean) };
  if (timing === undefined && ending === 'graceful') return { text: '0 failed, 0 closed', verdict: verdict(isClean && closed === 0) };
  if (timing === 'late' && ending === 'graceful') {
    const onTheirWay = unread + crossed + unsent;
    const isAll = failed.get + duplicated === 0 && failed.post === onTheirWay;
    return { text: '0 failed, 0 twice', verdict: verdict(isClean, isAll ? crossedWords(onTheirWay) : undefined) };
  }
  const nginx = all.find((other) => other.fault === outcome.fault && other.subject === 'nginx');
  const isFewer = !nginx || failed.post <= nginx.failed.get + nginx.failed.post;
  const inHand = begun + unread;
  const isMet = isFewer && failed.get + duplicated === 0 && failed.post <= inHand;
  const isAll = isFewer && failed.get === cut && duplicated === 0 && failed.post <= inHand + crossed + unsent;
  const words = [...(cut > 0 ? [`${cut} GET whose answer had begun`] : []), ...(failed.post > inHand ? [crossedWords(failed.post - inHand)] : [])];
  return { text: '0 GET, 0 twice, POST: in hand, no more than nginx', verdict: verdict(isMet, isAll ? words.join(', ') : undefined) };
}

/** Requests and the end of their connection passed each other: the proxy hears of that end when the request is gone. */
const crossedWords = (count: number): string => `${count} POST that crossed a close`;
