import type { StackPlaces } from './spawn-stack.ts';

/**
 * Puts a load balancer in front of the stack: each access to a service's URL returns the next of its
 * processes. Those in `away` get no requests, unless all of them are away.
 */
export function inTurn(stack: StackPlaces, away: ReadonlySet<string>): StackPlaces {
  let turn = 0;
  const next = (service: string): string => {
    const all = Object.entries(stack.instances).filter(([name]) => name.replace(/-\d+$/, '') === service);
    const there = all.filter(([name]) => !away.has(name));
    const asked = there.length === 0 ? all : there;
    return asked[turn++ % asked.length]?.[1] ?? '';
  };
  const urls = Object.fromEntries(
    Object.keys(stack.urls).map((service) => [service, { get: () => next(service) }]),
  );
  return { ...stack, urls: Object.defineProperties({}, urls) as StackPlaces['urls'] };
}
