import { serviceNames, type ServiceName } from '@millrace/test-support/stack';
import type { ScaleBenchOptions } from './options.ts';

/** Which services have several processes, and how many. The others have one. */
export interface Configuration {
  /** One service, such as `order`, or `all`. */
  readonly scaled: ServiceName | 'all';
  readonly processes: number;
}

/**
 * First one process of each service, then each service alone and all together, by ascending counts.
 */
export function configurations({
  counts,
  quick,
}: Pick<ScaleBenchOptions, 'counts' | 'quick'>): readonly Configuration[] {
  const scaled = quick ? (['inventory'] as const) : ([...serviceNames, 'all'] as const);
  const several = counts.filter((processes) => processes > 1);
  return [
    { scaled: 'all', processes: 1 },
    ...scaled.flatMap((name) => several.map((processes) => ({ scaled: name, processes }))),
  ];
}

/** The services that need more processes than the one in the stack. */
export const scaledServices = ({ scaled }: Configuration): readonly ServiceName[] =>
  scaled === 'all' ? serviceNames : [scaled];

export const inWords = ({ scaled, processes }: Configuration): string =>
  processes === 1 ? '1 each' : `${scaled} x ${processes}`;
