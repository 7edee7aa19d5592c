import type { History } from '../revision/history.ts';
import { withEndpoints } from '../revision/release.ts';
import { isHolding } from '../revision/release-news.ts';
import type { Releases } from './releases.ts';
import { missingSecrets, renewed, type Today } from './renewed.ts';

/** What a command of a person led to: something to know beside it, or why it cannot be done. */
export type CommandOutcome = { readonly type: 'done'; readonly notes: readonly string[] } | { readonly type: 'refused'; readonly why: string };

/** What people may do to a group. A group that does not exist is refused. */
export interface ReleaseCommands {
  /** What is held goes out now; what is tried on a few Envoys goes to all. */
  confirm(group: string): CommandOutcome;
  /** What is held does not go out by time; what is tried on a few Envoys goes back. */
  discard(group: string): CommandOutcome;
  /** Newer revisions are built and not served. */
  pin(group: string, why: string): CommandOutcome;
  unpin(group: string): CommandOutcome;
  /** Serves an older revision with the endpoints and secrets of today, and pins. */
  rollback(group: string, revision: string): Promise<CommandOutcome>;
}

const done = (...notes: readonly string[]): CommandOutcome => ({ type: 'done', notes });
const refused = (why: string): CommandOutcome => ({ type: 'refused', why });

/** Makes the commands over the releases of an engine. */
export function createCommands(releases: Releases, history: History, today: Today): ReleaseCommands {
  return {
    confirm(group) {
      const release = releases.get(group);
      if (!release) return refused(`group ${group} does not exist`);
      const { pin, wipe, refusal, rollout } = release;
      if (pin && !(wipe && wipe.emptied.size > 0)) return refused(`group ${group} is pinned; \`sluice unpin ${group}\` goes on with the newest revision`);
      if (!isHolding(wipe) && !refusal && !rollout) return refused(`nothing of group ${group} is held`);
      releases.step(group, { type: 'confirm' });
      return done();
    },
    discard(group) {
      const release = releases.get(group);
      if (!release) return refused(`group ${group} does not exist`);
      if (!isHolding(release.wipe) && !release.rollout)
        return refused(release.refusal ? `what is held of group ${group} is kept back already` : `nothing of group ${group} is held`);
      releases.step(group, { type: 'discard' });
      return done('It stays held until something newer is built, or until it is confirmed.');
    },
    pin(group, why) {
      const release = releases.get(group);
      if (!release) return refused(`group ${group} does not exist`);
      if (!release.served) return refused(`group ${group} is not served`);
      if (release.pin) return refused(`group ${group} is pinned already: ${release.pin.why}`);
      releases.step(group, { type: 'pin', why });
      return done();
    },
    unpin(group) {
      const release = releases.get(group);
      if (!release) return refused(`group ${group} does not exist`);
      if (!release.pin) return refused(`group ${group} is not pinned`);
      releases.step(group, { type: 'unpin' });
      return done();
    },
    async rollback(group, revision) {
      if (!releases.get(group)) return refused(`group ${group} does not exist`);
      const kept = await history.load(group, revision);
      const release = releases.get(group);
      if (!kept || !release) return refused(`the content of revision ${revision} of group ${group} is not kept any more`);
      // Of clusters whose Service is gone, the endpoints that are served are those known last.
      const lastKnown = release.served?.snapshot.resources.endpoints ?? new Map();
      const { snapshot, endpointOrigins } = kept;
      const to = renewed(withEndpoints({ snapshot, endpointOrigins }, lastKnown), release.newest, today);
      releases.step(group, { type: 'rollback', to, why: `rolled back to ${revision}` });
      const missing = missingSecrets(to);
      return missing.length === 0
        ? done()
        : done(`Secrets that it needs and that do not exist any more: ${missing.join(', ')}. What asks for them waits until they are there.`);
    },
  };
}
