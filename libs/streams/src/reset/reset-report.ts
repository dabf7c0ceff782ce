import type { ApplicationReset } from './reset-application.ts';

interface Report extends ApplicationReset {
  readonly stateFolder: string | undefined;
}

/** Says line by line what was reset, or what would be. */
export function reportOf({ offsets, deletedTopics, stateFolder }: Report, dryRun: boolean): string {
  const would = (done: string, todo: string) => (dryRun ? todo : done);
  const lines = [
    ...offsets.map(
      ({ topic, partition, from, to }) =>
        `${would('moved', 'would move')} ${topic}/${partition} from ${from ?? 'no offset'} to ${to}`,
    ),
    ...deletedTopics.map((topic) => `${would('deleted', 'would delete')} topic ${topic}`),
    ...(stateFolder === undefined ? [] : [`${would('deleted', 'would delete')} state folder ${stateFolder}`]),
  ];
  if (lines.length === 0) return 'nothing to reset';
  return lines.join('\n');
}
