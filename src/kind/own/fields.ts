import { isIP } from 'node:net';
import { z } from 'zod';
import { durationMs } from '../gateway/duration.ts';
import { gatewayDuration } from '../gateway/names.ts';

/** API group of our own kinds. */
export const ownGroup = 'gateway.sluice.dev';

/** Version of our own kinds. */
export const ownVersions = ['v1alpha1'] as const satisfies readonly [string, ...string[]];

/** A duration from 0. */
export const anyDuration = gatewayDuration;

/** A duration above 0. */
export const positiveDuration = gatewayDuration
  .max(28)
  .refine((text) => durationMs(text) > 0, 'must be longer than 0')
  .meta({ 'x-kubernetes-validations': [{ rule: "duration(self) > duration('0s')", message: 'must be longer than 0' }] });

/** A share in percent, from 0 to 100. */
export const percent = z.int().min(0).max(100);

/** The same, which may be a part of one percent. */
export const share = z.number().min(0).max(100);

/** A 32-bit number from 1. */
export const count = z.int().min(1).max(4_294_967_295);

/** An IPv4 or IPv6 address. */
export const ipAddress = z
  .string()
  .max(45)
  .refine((text) => isIP(text) !== 0, 'not an address: IPv4 or IPv6')
  .meta({ 'x-kubernetes-validations': [{ rule: 'isIP(self)', message: 'not an address: IPv4 or IPv6' }] });

/** A factor from 0.1 to 10. The API server compares whole numbers with the whole part of a minimum, so that it needs a rule besides. */
export const factor = z
  .number()
  .min(0.1)
  .max(10)
  .meta({ 'x-kubernetes-validations': [{ rule: 'self >= 0.1', message: 'must be at least 0.1' }] });
