import type { DrainProgress, DrainResult } from '../drain/drain-envoy.ts';
import { durationText } from './duration-text.ts';

/** One line on how far a drain is. @param noticeMs how long new connections are taken after the start. */
export function drainProgressLine({ step, envoy, open }: DrainProgress, noticeMs: number): string {
  const name = `Envoy ${envoy.node} of group ${envoy.group}`;
  if (step === 'failing') return `${name}: health checks fail; new connections are taken for ${durationText(noticeMs)}`;
  const left = open ? `, ${openText(open)}` : '';
  return step === 'refusing' ? `${name}: new connections are refused${left}` : `${name}: it drains${left}`;
}

/** The line that a drain ends with. @param leavesRunning whether Envoy was left to whoever asked. */
export function drainResultLine(result: DrainResult, leavesRunning = false): string {
  const { outcome, envoy, tookMs, requests, connections, reason = 'nothing is known of it' } = result;
  const name = envoy ? `Envoy ${envoy.node} of group ${envoy.group}` : 'the Envoy';
  const took = durationText(tookMs);
  const ends = leavesRunning ? 'may be ended' : 'ended';
  switch (outcome) {
    case 'finished':
      return `${name} ${ends} after ${took}: every request had its answer${connections === 0 ? '' : `, ${count(connections, 'idle connection')} ${leavesRunning ? 'left' : 'closed'}`}`;
    case 'cut':
      return `${name} ${ends} after ${took}, which is all the time there was: ${count(requests, 'request')} ${leavesRunning ? 'left' : 'cut'}`;
    case 'lost':
      return `${name} ended by itself after ${took}: ${count(requests, 'request')} cut`;
    case 'gone':
      return `there is no Envoy to drain: ${reason}`;
    case 'unanswered':
      return `${name} may still run: ${reason}`;
    case 'interrupted':
      return `interrupted after ${took}: ${name} drains and was not ended, ${openText(result)}`;
  }
}

function openText({ connections, requests }: { readonly connections: number; readonly requests: number }): string {
  return `${count(connections, 'connection')} and ${count(requests, 'request')} open`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
