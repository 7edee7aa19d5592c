import { type Diagnostic, diagnostic } from '../diagnostic.ts';
import { certificatesOf } from '../kind/tls-secret.ts';
import type { KeyFilePaths, KeyMaterial } from './key-material.ts';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * `TlsCertificateExpiring` for the server's certificate and each authority of clients that has expired, is not valid yet, or
 * ends soon: in its last fifth, and within 7 days.
 * @param now milliseconds since 1970.
 */
export function validityDiagnostics(material: KeyMaterial, paths: KeyFilePaths, now: number): readonly Diagnostic[] {
  const [leaf] = certificatesOf(material.certificateChain) ?? [];
  const authorities = certificatesOf(material.clientAuthorities ?? '') ?? [];
  const checked = [
    ...(leaf ? ([{ certificate: leaf, part: 'certificateChain', who: 'The certificate of the xDS server', effect: 'Envoys refuse to connect' }] as const) : []),
    ...authorities.map((certificate) => ({
      certificate,
      part: 'clientAuthorities' as const,
      who: `The authority ${certificate.subject?.split('\n').join(', ')} of xDS clients`,
      effect: 'clients with certificates of it are refused',
    })),
  ];
  return checked.flatMap(({ certificate, part, who, effect }) => {
    const state = stateOf(Date.parse(certificate.validFrom), Date.parse(certificate.validTo), now);
    if (state === undefined) return [];
    const message = `${who} ${state.words}, so ${effect}${state.isAhead ? ' then' : ''}.`;
    const file = paths[part];
    return [diagnostic('TlsCertificateExpiring', file === undefined ? {} : { file }, message, 'Renew it: the files are read again by themselves.')];
  });
}

function stateOf(notBefore: number, notAfter: number, now: number): { readonly words: string; readonly isAhead: boolean } | undefined {
  const at = (time: number): string => new Date(time).toISOString().replace(/:\d\d\.\d+Z$/, 'Z');
  if (now < notBefore) return { words: `is valid from ${at(notBefore)} only`, isAhead: false };
  if (now > notAfter) return { words: `expired at ${at(notAfter)}`, isAhead: false };
  if (notAfter - now > Math.min(7 * dayMs, (notAfter - notBefore) / 5)) return undefined;
  return { words: `expires at ${at(notAfter)}`, isAhead: true };
}
