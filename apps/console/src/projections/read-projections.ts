import { askReachable, highestLags, readItems } from '@millrace/operations/client';
import type { LagsView, RebuildsView } from '@millrace/operations/contract';
import type { Projections, ReadModel, TopicLag } from '../api/projections.ts';
import type { System } from '../system/system.ts';

type Lag = LagsView['items'][number];

export const projectionsPath = '/ops/projections';

/** Reads the read models of all services, and how far they and the consumers are behind. */
export async function readProjections(system: System): Promise<Projections> {
  const [rebuilds, lags] = await Promise.all([
    askReachable(system.operators(), async (ops) => {
      const { body } = await ops.get<RebuildsView>(`${projectionsPath}/rebuilds`);
      return readModelsOf(ops.service, body);
    }),
    askReachable(system.operators(undefined, 'processes'), (ops) => readItems<Lag>(ops, projectionsPath)),
  ]);
  return {
    readModels: rebuilds.found.flat(),
    lags: lagsByTopic(highestLags(lags.found.flat())),
    missing: [...new Set([...rebuilds.missing, ...lags.missing])],
  };
}

const readModelsOf = (service: string, { items, rebuildable }: RebuildsView): readonly ReadModel[] =>
  rebuildable.map((projection) => ({
    service,
    projection,
    rebuild: items.find((rebuild) => rebuild.projection === projection) ?? null,
  }));

/** Adds the partitions of a group on a topic up. The oldest message gives the lag in time. */
export function lagsByTopic(lags: readonly Lag[]): readonly TopicLag[] {
  const found = new Map<string, TopicLag>();
  for (const { group, topic, messages, seconds } of lags) {
    const name = `${group} ${topic}`;
    const known = found.get(name) ?? { group, topic, partitions: 0, messages: 0, seconds: null };
    found.set(name, {
      group,
      topic,
      partitions: known.partitions + 1,
      messages: known.messages + messages,
      seconds: seconds === null ? known.seconds : Math.max(known.seconds ?? 0, seconds),
    });
  }
  return [...found.values()];
}
