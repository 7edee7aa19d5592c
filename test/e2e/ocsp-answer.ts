import { createHash, type X509Certificate } from 'node:crypto';

/**
 * An answer of OCSP that a certificate which vouches for itself is good, from an hour ago to tomorrow. Its signature is none: only clients would check it.
 * @see https://www.rfc-editor.org/rfc/rfc6960#section-4.2.1
 */
export function ocspAnswer(certificate: X509Certificate, now: number): Buffer {
  const hash = (text: string): Buffer => octets(createHash('sha1').update(text).digest());
  const digits = certificate.serialNumber.length % 2 === 0 ? certificate.serialNumber : `0${certificate.serialNumber}`;
  // A number whose first bit is set would be below 0.
  const serial = /^[89a-f]/i.test(digits) ? `00${digits}` : digits;
  const id = sequence(sequence(object('2b0e03021a')), hash('issuer'), hash('key'), der(0x02, Buffer.from(serial, 'hex')));
  const single = sequence(id, der(0x80), time(now - hourMs), der(0xa0, time(now + 24 * hourMs)));
  const data = sequence(der(0xa2, hash('responder')), time(now - hourMs), sequence(single));
  const basic = sequence(data, sequence(object('2a8648ce3d040302')), der(0x03, Buffer.from([0, 1])));
  return sequence(der(0x0a, Buffer.from([0])), der(0xa0, sequence(object('2b0601050507300101'), octets(basic))));
}

const hourMs = 3_600_000;

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const written = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...written]), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const octets = (bytes: Buffer): Buffer => der(0x04, bytes);
const object = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));

function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replaceAll(/\D/g, '').slice(0, 14);
  return der(0x18, Buffer.from(`${digits}Z`));
}
