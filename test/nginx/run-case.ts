import { type Case, type CaseRequest, dialectOf } from './case.ts';
import type { Certificates } from './certificates.ts';
import { type Outcome, unmet } from './expectation.ts';
import type { CaseGateway } from './gateway.ts';
import { caseObjects } from './objects.ts';
import { type Answer, type Gateway, send } from './send.ts';
import { startWorld, type World } from './world.ts';

/** What was not as the case expects: lines by the index of the request. Empty: it passes. */
export type Failures = ReadonlyMap<number, readonly string[]>;

/** Requests that are repeated go out at the same time, but for those that build on each other. */
const together = 8;
/** How often a request is sent at the most whose answer has to take a time: a busy machine makes it late now and then, what is wrong each time. */
const timedTries = 3;

/**
 * Serves a case and sends its requests, one after the other.
 * @param change what is served instead of its objects.
 * @throws {Error} where it cannot be served at all.
 */
export async function runCase(
  one: Case,
  gateway: CaseGateway,
  certificates: Certificates,
  change: (yaml: string) => string = (yaml) => yaml,
): Promise<Failures> {
  await using world = await startWorld(one, certificates);
  await gateway.serve(change(await caseObjects(one, world, certificates)), dialectOf(one));
  const failures = new Map<number, readonly string[]>();
  for (const [index, request] of (one.requests ?? []).entries()) {
    let lines: readonly string[] = [];
    for (let left = isTimed(request) ? timedTries : 1; left > 0; left--) {
      lines = unmet(request.expect, await outcomeOf(request, world, gateway, certificates), world.fill);
      if (lines.length === 0) break;
    }
    if (lines.length > 0) failures.set(index, lines);
  }
  return failures;
}

const isTimed = ({ expect }: CaseRequest): boolean => expect.seconds !== undefined || expect.upstream_time_to_body !== undefined;

async function outcomeOf(request: CaseRequest, world: World, gateway: Gateway, certificates: Certificates): Promise<Outcome> {
  const before = world.receipts.length;
  const { repeat = 1, keep_cookies: keeps = false } = request;
  const answers: (Answer | Error)[] = [];
  const cookies: Record<string, string> = {};
  const sendOne = async (): Promise<void> => {
    const answer = await send(request, gateway, certificates, cookies).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
    answers.push(answer);
    if (!keeps || answer instanceof Error) return;
    for (const [, name, value] of answer.setCookies.flatMap((line) => [/^([^=]+)=([^;]*)/.exec(line) ?? []])) if (name) cookies[name] = value ?? '';
  };
  let left = repeat;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await sendOne();
  };
  const isIndependent = !keeps && request.expect.auth_calls_total === undefined;
  await Promise.all(Array.from({ length: isIndependent ? Math.min(together, repeat) : 1 }, worker));
  return {
    answers,
    receipts: world.receipts.slice(before).filter((receipt) => receipt !== undefined),
    receiptOf: ({ headers }) => world.receipts[Number(headers['x-echo-receipt'] ?? -1)],
  };
}
