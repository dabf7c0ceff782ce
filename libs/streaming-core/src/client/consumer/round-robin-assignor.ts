import type { TopicPartition } from '../types.ts';
import { allPartitions, byMember, type GroupMember, type ImmediateAssignor } from './assignor.ts';

/**
 * Kafka's `roundrobin`: takes all partitions in order and gives each to the next member that
 * subscribes to its topic.
 */
export const roundRobinAssignor: ImmediateAssignor = Object.freeze({
  name: 'roundrobin',
  protocols: ['eager'] as const,
  assign(members: readonly GroupMember[], partitionCounts: ReadonlyMap<string, number>) {
    const sorted = [...members].sort(byMember);
    const assigned = new Map<string, TopicPartition[]>(sorted.map(({ memberId }) => [memberId, []]));
    let turn = 0;
    for (const at of allPartitions(partitionCounts)) {
      const ahead = sorted.findIndex((_, step) =>
        sorted[(turn + step) % sorted.length]?.topics.includes(at.topic),
      );
      if (ahead < 0) continue;
      const place = (turn + ahead) % sorted.length;
      assigned.get(sorted[place]!.memberId)!.push(at);
      turn = place + 1;
    }
    return new Map([...assigned].map(([memberId, partitions]) => [memberId, { partitions }]));
  },
});
