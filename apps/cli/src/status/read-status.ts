import type { Call } from '../command/command.ts';
import { lagOfGroups, withLag, type GroupLag } from '../groups/lag.ts';
import { withAdmin, withReader } from '../places/cluster.ts';
import { findLocalStack, noStack } from '../places/local-stack.ts';
import { databaseUrlOf, serviceNames, serviceUrls } from '../places/services.ts';
import { topicRows } from '../topics/topic-listing.ts';
import { askServices } from './ask-services.ts';
import { countSagas } from './count-sagas.ts';
import {
  sectionOf,
  type DeadLetterCount,
  type RaisedAlarm,
  type SagaCount,
  type Section,
  type ServiceStatus,
} from './status-parts.ts';

export interface Status {
  readonly services: readonly ServiceStatus[];
  readonly alarms: readonly RaisedAlarm[];
  readonly groups: Section<GroupLag>;
  /** The dead-letter topics that are not empty. */
  readonly deadLetters: Section<DeadLetterCount>;
  readonly sagas: Section<SagaCount>;
  /** Pages and folders to look at. */
  readonly links: Readonly<Record<string, string>>;
}

const deadLetterSuffix = '.dlq';

/** Reads all parts at the same time. A part that cannot be read is reported as unknown. */
export async function readStatus(call: Call): Promise<Status> {
  const urls = serviceUrls(call);
  if (Object.keys(urls).length === 0)
    throw noStack(call, 'name services with --service order=http://HOST:PORT');
  const [services, groups, deadLetters, sagas] = await Promise.all([
    askServices(urls),
    sectionOf(() => withAdmin(call, (admin) => withLag(call, (reader) => lagOfGroups(admin, reader)))),
    sectionOf(() => countDeadLetters(call)),
    sectionOf(async () =>
      (
        await Promise.all(
          serviceNames(call).map((service) => countSagas(service, databaseUrlOf(call, { service }))),
        )
      ).flat(),
    ),
  ]);
  return {
    services: services.map(({ status }) => status),
    alarms: services.flatMap(({ alarms }) => alarms),
    groups,
    deadLetters,
    sagas,
    links: linksOf(call, urls),
  };
}

const countDeadLetters = (call: Call): Promise<readonly DeadLetterCount[]> =>
  withAdmin(call, (admin) =>
    withReader(call, async (reader) => {
      const topics = (await admin.topics.list()).filter(({ name }) => name.endsWith(deadLetterSuffix));
      return (await topicRows({ admin, reader }, topics))
        .filter(({ offsets }) => offsets > 0n)
        .map(({ topic, offsets }) => ({ topic, deadLetters: offsets }));
    }),
  );

function linksOf(call: Call, urls: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const stack = findLocalStack(call);
  return {
    ...Object.fromEntries(
      Object.entries(urls).map(([process, url]) => [`${process} (HTTP interface)`, `${url}/docs`]),
    ),
    ...(stack && { mails: stack.mailFolder, logs: stack.logFolder, data: stack.dataFolder }),
  };
}

/** True if every process is ready, no alarm is raised, and every part could be read. */
export const isWell = ({ services, alarms, ...sections }: Status): boolean =>
  services.every(({ status }) => status === 'ready') &&
  alarms.length === 0 &&
  [sections.groups, sections.deadLetters, sections.sagas].every((section) => 'rows' in section);
