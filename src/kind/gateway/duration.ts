const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/**
 * Milliseconds of a Gateway API duration (`1h30m`, `250ms`, `0s`).
 * @param text a string that passed `gatewayDuration`.
 * @see https://gateway-api.sigs.k8s.io/geps/gep-2257/
 */
export function durationMs(text: string): number {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9]+)(ms|h|m|s)/g)) total += Number(amount) * (units[unit ?? ''] ?? 0);
  return total;
}
