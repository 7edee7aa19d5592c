import { forEachField } from '../proto/wire-fields.ts';

/** Where a message stands in another. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A report of OpenTelemetry's protocol (OTLP): `ExportMetricsServiceRequest` and `ExportLogsServiceRequest` have the same form. */
export interface OtlpReport {
  /** Texts that the resource says of itself, by their keys. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Each metric, or each record of a log, still encoded. */
  readonly records: readonly Span[];
}

/**
 * Reads who reports, and where its records stand, without decoding what is not needed.
 * @throws {Error} where the bytes are no message.
 * @see https://opentelemetry.io/docs/specs/otlp/
 */
export function readOtlpReport(bytes: Buffer): OtlpReport {
  const attributes = new Map<string, string>();
  const records: Span[] = [];
  const inside = (start: number, end: number, wanted: number, each: (start: number, end: number) => void): void =>
    forEachField(
      bytes,
      ({ number, isDelimited, contentStart, end: fieldEnd }) => {
        if (number === wanted && isDelimited) each(contentStart, fieldEnd);
        return undefined;
      },
      start,
      end,
    );

  inside(0, bytes.length, 1, (start, end) => {
    inside(start, end, 1, (resource, resourceEnd) =>
      inside(resource, resourceEnd, 1, (attribute, attributeEnd) => {
        const [key, value] = readAttribute(bytes, attribute, attributeEnd);
        attributes.set(key, value);
      }),
    );
    inside(start, end, 2, (scope, scopeEnd) => inside(scope, scopeEnd, 2, (record, recordEnd) => void records.push({ start: record, end: recordEnd })));
  });
  return { attributes, records };
}

/** A `KeyValue` with a text; another value gives an empty one. */
function readAttribute(bytes: Buffer, from: number, to: number): readonly [string, string] {
  let [key, value] = ['', ''];
  forEachField(
    bytes,
    ({ number, isDelimited, contentStart, end }) => {
      if (number === 1 && isDelimited) key = bytes.toString('utf8', contentStart, end);
      if (number === 2 && isDelimited) value = readText(bytes, contentStart, end);
      return undefined;
    },
    from,
    to,
  );
  return [key, value];
}

/** An `AnyValue` with a text; another value gives an empty one. @throws {Error} where the bytes are no message. */
export function readText(bytes: Buffer, from: number, to: number): string {
  let text = '';
  forEachField(
    bytes,
    ({ number, isDelimited, contentStart, end }) => {
      if (number === 1 && isDelimited) text = bytes.toString('utf8', contentStart, end);
      return undefined;
    },
    from,
    to,
  );
  return text;
}
