import { hostFields } from '../proto/route-fields.ts';
import type { FieldPath, Violation } from '../proto/rules.ts';
import { wireFields } from '../proto/wire-fields.ts';
import type { Resource } from '../resource.ts';
import { problems } from './check.ts';
import { pieceAt, type RoutePiece, routePieces, withPieces } from './route-pieces.ts';
import { isStandIn, standInPiece } from './stand-in-piece.ts';

/** What became of a piece that may not be sent as it is. */
export interface MendedPiece {
  readonly piece: RoutePiece;
  readonly violations: readonly Violation[];
  /** Its last good form; 503 in its place; or it is left out, in whole or in part. */
  readonly form: 'lastGood' | 'standIn' | 'leftOut';
}

/**
 * A route configuration whose bad pieces are replaced by their last good form, or by a stand-in where there is none.
 * @param served the form that is served now, undefined where there is none or where it is no good.
 * @returns undefined where it cannot be mended.
 */
export function mendedTable(table: Resource, served: Resource | undefined): { readonly table: Resource; readonly pieces: readonly MendedPiece[] } | undefined {
  const byPiece = new Map<RoutePiece, Violation[]>();
  for (const violation of problems(table)) {
    const piece = pieceAt(table, violation.path);
    const list = byPiece.get(piece);
    if (list) list.push(violation);
    else byPiece.set(piece, [violation]);
  }
  const forms = new Map<string, readonly Uint8Array[]>();
  const pieces = [...byPiece].map(([piece, violations]): MendedPiece => {
    const last = served && routePieces(served).get(piece.key);
    const good = last && !isStandIn(last) ? last : undefined;
    const standIn = good ? undefined : standInFor(piece, violations);
    forms.set(piece.key, good?.parts ?? standIn ?? []);
    return { piece, violations, form: good ? 'lastGood' : standIn && !isPartOf(piece, violations) ? 'standIn' : 'leftOut' };
  });
  const mended = withPieces(table, forms);
  return problems(mended).length === 0 ? { table: mended, pieces } : undefined;
}

/** Undefined: the piece is left out. */
function standInFor(piece: RoutePiece, violations: readonly Violation[]): readonly Uint8Array[] | undefined {
  if (isPartOf(piece, violations)) return withoutDomains(piece, violations);
  // Nobody can tell which requests a bad match would have taken.
  const isBlind = violations.some(({ path }) => ['match', 'name', 'domains'].includes(String(path[piece.type === 'route' ? 4 : 2])));
  return isBlind ? undefined : standInPiece(piece);
}

/** Whether a virtual host is good but for some of its domains. */
function isPartOf({ type }: RoutePiece, violations: readonly Violation[]): boolean {
  return type === 'virtualHost' && violations.every(({ path }) => isDomain(path));
}

const isDomain = (path: FieldPath): boolean => path[2] === 'domains' && typeof path[3] === 'number';

/** The virtual host without its bad domains, such as one that another host has already. */
function withoutDomains({ parts }: RoutePiece, violations: readonly Violation[]): readonly Uint8Array[] | undefined {
  const bad = new Set(violations.map(({ path }) => path[3]));
  let position = -1;
  let left = 0;
  const fields = wireFields(parts[0] ?? new Uint8Array()).filter(({ number }) => {
    if (number !== hostFields.domains) return true;
    position += 1;
    if (bad.has(position)) return false;
    left += 1;
    return true;
  });
  return left === 0 ? undefined : [Buffer.concat(fields.map(({ whole }) => whole))];
}
