import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import type { Configuration } from '../revision/release.ts';
import type { ReleaseStatus } from '../revision/release-status.ts';
import { missingSecrets } from './renewed.ts';

/** What of the groups waits for a person: `ChangeHeld`. A pin does not, as a person wanted it. */
export function releaseDiagnostics(releases: readonly ReleaseStatus[]): readonly Diagnostic[] {
  return releases.flatMap(({ group, held, pin }) => {
    if (!held || held.reason === 'pin') return [];
    const byItself = held.goesOutAt === undefined ? 'until something newer is built' : `until ${new Date(held.goesOutAt).toISOString()}`;
    const end = pin ? 'while the group is pinned' : byItself;
    const message = `The newest revision of group ${group} is held ${end}: ${held.why}.`;
    const ways = pin ? `\`sluice unpin ${group}\` goes on` : `\`sluice confirm ${group}\` lets it out, \`sluice discard ${group}\` keeps it back`;
    const remedy = `Look at it with \`sluice status\`; ${ways}.`;
    return [diagnostic('ChangeHeld', held.kept?.objects[0] ?? {}, message, remedy)];
  });
}

/** What waits in a configuration that is not made from the objects of today: `SecretNotStored`, once for each secret. */
export function missingSecretDiagnostics(configuration: Configuration): readonly Diagnostic[] {
  const { group } = configuration.snapshot;
  return missingSecrets(configuration).map((name) => {
    const message = `Revision ${configuration.snapshot.revision} of group ${group} needs the secret ${name}, which is not there; what needs it waits.`;
    return diagnostic('SecretNotStored', {}, message, 'Bring its source back, or keep secrets with --state-key-file.');
  });
}
