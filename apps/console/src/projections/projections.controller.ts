import { Controller } from '@nestjs/common';
import { askReachable, highestLags, readItems } from '@millrace/operations/client';
import type { LagsView, RebuildsView } from '@millrace/operations/contract';
import type { Projections, ReadModel, TopicLag } from '../api/projections.ts';
import { Followed } from '../live/followed.ts';
import { System } from '../system/system.ts';

type Lag = LagsView['items'][number];

const path = '/ops/projections';

@Controller('api/projections')
export class ProjectionsController {
  constructor(private readonly system: System) {}

  @Followed('live', 'Follow the read models of all services, with the lag of these and of the consumers')
  all() {
    const read = async (): Promise<Projections> => {
      const [rebuilds, lags] = await Promise.all([
        askReachable(this.system.operators(), async (ops) => {
          const { body } = await ops.get<RebuildsView>(`${path}/rebuilds`);
          return readModelsOf(ops.service, body);
        }),
        askReachable(this.system.operators(undefined, 'processes'), (ops) => readItems<Lag>(ops, path)),
      ]);
      return {
        readModels: rebuilds.found.flat(),
        lags: lagsByTopic(highestLags(lags.found.flat())),
        missing: [...new Set([...rebuilds.missing, ...lags.missing])],
      };
    };
    return { everyMs: 1_000, read };
  }
}

const readModelsOf = (service: string, { items, rebuildable }: RebuildsView): readonly ReadModel[] =>
  rebuildable.map((projection) => ({
    service,
    projection,
    rebuild: items.find((rebuild) => rebuild.projection === projection) ?? null,
  }));

/** Sums the partitions of a group on a topic. The lag in time is the age of the oldest message. */
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
