import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { connectAdmin, connectProducer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { kcat } from '@millrace/testing/kcat';

const partitions = 3;
const recordsOfPartition = 7_000;
export const copiedRecords = partitions * recordsOfPartition;
const topicOf = (name: string) => ({
  name,
  key: 'none',
  partitions,
  retention: 'unlimited' as const,
  cleanup: 'delete' as const,
});
const [input, output] = ['uncopied', 'copied'] as const;
/** The time that a process has before it is killed, at most. */
const lifeMsMax = 6_000;
const doneLimitMs = 180_000;

export interface CopyLoad {
  /**
   * Waits until every record was copied, and resolves to what a foreign read_committed client does
   * not find exactly once and in order.
   */
  finish(): Promise<{ readonly problems: readonly string[]; readonly kills: number }>;
}

/**
 * Copies 21,000 records from topic to topic, exactly once, in a process that is killed with kill -9
 * again and again. `random` returns numbers that are uniform in [0, 1).
 */
export async function startCopyLoad(
  bootstrapServers: readonly string[],
  replicas: number,
  random: () => number,
): Promise<CopyLoad> {
  await prepare(bootstrapServers, replicas);
  const copied = new AbortController();
  const killing = killAgainAndAgain(bootstrapServers, random, copied.signal);
  return {
    async finish() {
      const deadline = performance.now() + doneLimitMs;
      let found = await copies(bootstrapServers);
      while (found.length < copiedRecords && performance.now() < deadline) {
        await pause(1_000);
        found = await copies(bootstrapServers);
      }
      copied.abort();
      return { problems: problemsOf(found), kills: await killing };
    },
  };
}

async function prepare(bootstrapServers: readonly string[], replicas: number): Promise<void> {
  const connection = { bootstrapServers, clientId: 'copying', logger: silentLogger };
  const admin = connectAdmin({ ...connection, replicationFactor: replicas });
  await admin.createTopics([topicOf(input), topicOf(output)]).finally(() => admin.close());
  const producer = connectProducer(connection);
  for (let partition = 0; partition < partitions; partition += 1)
    await producer.send(
      Array.from({ length: recordsOfPartition }, (_, index) => ({
        topic: input,
        partition,
        key: `${partition}`,
        value: `${index}`,
      })),
    );
  await producer.close();
}

async function killAgainAndAgain(
  bootstrapServers: readonly string[],
  random: () => number,
  copied: AbortSignal,
): Promise<number> {
  let kills = 0;
  for (; !copied.aborted; kills += 1) {
    const child = start(bootstrapServers);
    await Promise.race([once(child.stdout!, 'data'), pause(lifeMsMax, undefined, { ref: false })]);
    await pause(random() * lifeMsMax, undefined, { signal: copied }).catch(() => undefined);
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  return kills;
}

function start(bootstrapServers: readonly string[]): ChildProcess {
  const program = new URL('./transforming.program.ts', import.meta.url).pathname;
  return spawn(
    process.execPath,
    ['--conditions=@millrace/source', '--no-warnings', program, bootstrapServers.join(','), input, output],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } },
  );
}

/** Reads the output as `partition value` with a foreign client. */
async function copies(bootstrapServers: readonly string[]): Promise<readonly string[]> {
  const committed = ['-X', 'isolation.level=read_committed'];
  const servers = ['-b', bootstrapServers.join(',')];
  const text = await kcat(['-C', '-q', '-e', ...servers, ...committed, '-t', output, '-f', '%p %s\n']);
  return text.split('\n').filter((line) => line !== '');
}

/** Names the first problem of each partition. */
export function problemsOf(found: readonly string[]): readonly string[] {
  const problems: string[] = [];
  for (let partition = 0; partition < partitions; partition += 1) {
    const values = found
      .filter((line) => line.startsWith(`${partition} `))
      .map((line) => Number(line.split(' ')[1]));
    const wrong = values.findIndex((value, index) => value !== index);
    if (wrong >= 0)
      problems.push(`partition ${partition} of ${output} has record ${values[wrong]} where ${wrong} belongs`);
    else if (values.length !== recordsOfPartition)
      problems.push(
        `partition ${partition} of ${output} has ${values.length} of ${recordsOfPartition} records`,
      );
  }
  return problems;
}
