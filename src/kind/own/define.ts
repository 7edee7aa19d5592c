import { z } from 'zod';
import { defineKind, head, ignoredStatus } from '../kind.ts';
import { ownGroup, ownVersions } from './fields.ts';

/** Declares one of our own kinds, which are alike but for their `spec` and live in namespaces. */
export function defineOwnKind<const Spec extends z.ZodType>({ kind, spec }: { readonly kind: string; readonly spec: Spec }) {
  return defineKind({
    kind,
    group: ownGroup,
    versions: ownVersions,
    namespaced: true,
    schema: z.strictObject({ ...head, spec, status: ignoredStatus }),
  });
}
