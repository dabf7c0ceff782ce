export interface RateLimits {
  /** Of all callers together; 0 for no limit. */
  readonly perSecond: number;
  /** Of one address; 0 for no limit. */
  readonly perClientAndSecond: number;
  /** Addresses remembered; beyond it the one that was quiet for the longest is forgotten. */
  readonly clientsMax?: number;
}

export interface RateLimit {
  /** Takes one request, and returns 0; or takes nothing, and returns after how many milliseconds there is room again. */
  take(client: string, nowMs: number): number;
}

/**
 * Token buckets that hold a second's worth. Each is one number: the moment at which it is full again (GCRA, ITU-T I.371). Requests that are
 * refused take nothing, so whoever keeps asking is served at the rate.
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
    clients.delete(client); // to the end of the map's order: asked last
    clients.set(client, fullAt);
    const [quietest] = clients.keys();
    if (clients.size > clientsMax && quietest !== undefined) clients.delete(quietest);
  }
}

/** When the bucket is full again if one more is taken now. */
const after = (fullAt: number, nowMs: number, perSecond: number): number =>
  perSecond === 0 ? nowMs : Math.max(fullAt, nowMs) + 1_000 / perSecond;

/** One caller, as far as an address tells: of IPv6 the first 64 bits, since a host may use all of the rest. */
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
