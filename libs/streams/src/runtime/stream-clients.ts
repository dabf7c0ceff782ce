import {
  connectAdmin,
  connectGroupConsumer,
  connectLogReader,
  connectProducer,
  connectTransactionalProducer,
  type Admin,
  type Assignor,
  type GroupConsumer,
  type Isolation,
  type OpenLogReader,
} from '@millrace/streaming-core/client';
import { type Output, PlainOutput, TransactionalOutput } from './output.ts';
import type { ProcessingGuarantee, StreamsSettings } from './streams-options.ts';

/** The connections with which tasks read, write and commit. */
export interface LoopClients {
  readonly member: Pick<GroupConsumer, 'rejoin'>;
  readonly admin: { readonly groups: Pick<Admin['groups'], 'offsets'> };
  readonly sources: Pick<OpenLogReader, 'fetchUndecoded' | 'beginningOffsets' | 'endOffsets'>;
  readonly changelogs: Pick<OpenLogReader, 'fetchUndecoded' | 'beginningOffsets' | 'endOffsets'>;
  readonly ends: Pick<OpenLogReader, 'endOffsets'>;
  readonly output: Output;
}

/** The isolation level of each kind of reader in a process. */
export const isolationsOf = (guarantee: ProcessingGuarantee) =>
  ({
    sources: guarantee === 'exactly_once_v2' ? 'read_committed' : 'read_uncommitted',
    changelogs: 'read_committed',
  }) as const satisfies Readonly<Record<string, Isolation>>;

/** The connections of one process. */
export interface StreamClients extends LoopClients {
  readonly member: GroupConsumer;
  readonly admin: Admin;
  /** Reads the sources. With `exactly_once_v2` it reads committed records only. */
  readonly sources: OpenLogReader;
  /** Reads the committed records of changelogs. */
  readonly changelogs: OpenLogReader;
  /** Reads the committed records of standby tasks' changelogs. */
  readonly standbys: OpenLogReader;
  /** Reads the committed records of global tables. */
  readonly globals: OpenLogReader;
  /** Reads the ends of logs, including transactions that are still open. */
  readonly ends: OpenLogReader;
  readonly output: Output;
  close(): Promise<void>;
}

interface ClientParts {
  readonly settings: StreamsSettings;
  readonly processId: string;
  readonly topics: readonly string[];
  readonly assignor: Assignor;
}

/** The producer's own limit. Several tasks write at once, each within its own limit. */
const queueRecordsMax = 1_000_000;

export function connectClients({ settings, processId, topics, assignor }: ClientParts): StreamClients {
  const { applicationId, guarantee, logger } = settings;
  const place = placeOf(settings);
  const exactlyOnce = guarantee === 'exactly_once_v2';
  const { sessionTimeoutMs, heartbeatIntervalMs, rebalanceTimeoutMs, transactionTimeoutMs } = settings;
  const member = connectGroupConsumer({
    ...place,
    groupId: applicationId,
    topics,
    assignors: [assignor],
    sessionTimeoutMs,
    heartbeatIntervalMs,
    rebalanceTimeoutMs,
  });
  const admin = connectAdmin(place);
  const isolations = isolationsOf(guarantee);
  const sources = connectLogReader({ ...place, isolation: isolations.sources });
  const committedReader = () => connectLogReader({ ...place, isolation: isolations.changelogs });
  const changelogs = committedReader();
  const standbys = committedReader();
  const globals = committedReader();
  const ends = connectLogReader(place);
  const sending = { ...place, queueRecordsMax };
  const transactionalId = `${applicationId}-${processId}-1`;
  const output = exactlyOnce
    ? new TransactionalOutput({
        groupId: applicationId,
        logger,
        connect: () => connectTransactionalProducer({ ...sending, transactionalId, transactionTimeoutMs }),
      })
    : new PlainOutput(() => connectProducer(sending), member);
  const close = async () => {
    await output.close();
    await Promise.all([
      admin.close(),
      sources.close(),
      changelogs.close(),
      standbys.close(),
      globals.close(),
      ends.close(),
    ]);
  };
  return { member, admin, sources, changelogs, standbys, globals, ends, output, close };
}

/** The settings that every client needs to connect. */
export const placeOf = ({ bootstrapServers, clientId, security, clock, logger }: StreamsSettings) => ({
  bootstrapServers,
  clientId,
  security,
  clock,
  logger,
});
