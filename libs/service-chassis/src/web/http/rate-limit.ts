export interface RateLimits {
  /** The limit for all callers together; 0 means no limit. */
  readonly perSecond: number;
  /** The limit for each address; 0 means no limit. */
  readonly perClientAndSecond: number;
  /** The number of addresses to remember. Above it, the least recently seen one is forgotten. */
  readonly clientsMax?: number;
}

export interface RateLimit {
  /**
   * Takes one request and returns 0. If there is no room it takes nothing and returns the
   * milliseconds until there is.
   */
  take(client: string, nowMs: number): number;
}

/**
 * Limits rates with token buckets that hold one second's worth. Each bucket is one number: the
 * moment at which it is full again (GCRA, ITU-T I.371). Refused requests take nothing, so a caller
 * that keeps trying is served at the permitted rate.
 */
export function rateLimit({ perSecond, perClientAndSecond, clientsMax = 10_000 }: RateLimits): RateLimit {
  const clients = new Map<string, number>();
  let everybody = 0;

  return {
    take(client, nowMs) {
      const own = after(clients.get(client) ?? 0, nowMs, perClientAndSecond);
      const all = after(everybody, nowMs, perSecond);
      const waitMs = Math.max(own, all) - nowMs - 1_000;
      if (waitMs > 0) return waitMs;
      everybody = all;
      if (perClientAndSecond > 0) remember(client, own);
      return 0;
    },
  };

  function remember(client: string, fullAt: number): void {
    clients.delete(client); // moves the address to the end of the map, which is ordered by last use
    clients.set(client, fullAt);
    const [quietest] = clients.keys();
    if (clients.size > clientsMax && quietest !== undefined) clients.delete(quietest);
  }
}

/** Returns when the bucket is full again if one more request is taken now. */
const after = (fullAt: number, nowMs: number, perSecond: number): number =>
  perSecond === 0 ? nowMs : Math.max(fullAt, nowMs) + 1_000 / perSecond;

/**
 * Identifies a caller by its address. For IPv6 this is the first 64 bits, since one host may use
 * all the rest.
 */
export const clientOf = (address: string): string =>
  address.includes(':') && !address.includes('.') ? firstHalf(address) : address;

function firstHalf(address: string): string {
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const missing =
    tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter((group) => group !== '').length;
  const all = [...groups, ...Array.from({ length: missing }, () => '0'), ...(tail ?? '').split(':')];
  return all.slice(0, 4).join(':');
}
