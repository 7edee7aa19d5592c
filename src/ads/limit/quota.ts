/** How much of something is in use, in all and by one address. */
export interface Quota {
  /** Takes one for an address. @returns which limit it would go over; undefined: it is taken. */
  take(address: string): string | undefined;
  /** Gives back what was taken. */
  release(address: string): void;
}

/** @param what plural, for the words of a refusal: `streams`. */
export function createQuota(what: string, limits: { readonly inAll: number; readonly perAddress: number }): Quota {
  const byAddress = new Map<string, number>();
  let inAll = 0;
  return {
    take(address) {
      const own = byAddress.get(address) ?? 0;
      if (inAll >= limits.inAll) return `the server has ${limits.inAll} ${what} open and takes no more`;
      if (own >= limits.perAddress) return `${address} has ${limits.perAddress} ${what} open and may not have more`;
      inAll += 1;
      byAddress.set(address, own + 1);
      return undefined;
    },
    release(address) {
      const own = byAddress.get(address) ?? 0;
      if (own === 0) return;
      inAll -= 1;
      if (own === 1) byAddress.delete(address);
      else byAddress.set(address, own - 1);
    },
  };
}
