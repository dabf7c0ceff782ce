import { readdirSync } from 'node:fs';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafkaVersion } from '@millrace/embedded-kafka';
import { buildCommand } from '../build-command.ts';
import { provide } from '../cache-folder.ts';
import { Skipped, type ConformanceCase, type ForeignClient } from '../conformance-case.ts';
import { librdkafkaTests } from './librdkafka-tests.ts';

/** An npm package that contains librdkafka's source and its tests. */
const npmPackage = '@confluentinc/kafka-javascript@1.10.1';
const version = '2.15.1';

export const librdkafka: ForeignClient = {
  name: 'librdkafka',
  title: `librdkafka's own tests, built from the source in ${npmPackage} of npm`,
  quick: false,
  async prepare({ print }) {
    const folder = await provide({
      name: `librdkafka-${version}`,
      registry: 'registry.npmjs.org',
      print,
      fill: build,
    });
    return { version, cases: librdkafkaTests.map((id) => testCase(folder, id)) };
  },
};

/**
 * Builds the libraries and the program with all their tests, without what needs other libraries
 * (TLS and SASL). Takes minutes.
 */
async function build(folder: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'millrace-librdkafka-'));
  try {
    await buildCommand(['npm', 'pack', '--silent', npmPackage], { cwd: scratch });
    const [archive = ''] = (await readdir(scratch)).filter((file) => file.endsWith('.tgz'));
    await buildCommand(['tar', 'xzf', archive], { cwd: scratch });
    await cp(join(scratch, 'package/deps/librdkafka'), folder, { recursive: true });
    await buildCommand(['bash', './configure', '--disable-ssl', '--disable-gssapi', '--disable-curl'], {
      cwd: folder,
    });
    const jobs = `-j${availableParallelism()}`;
    await buildCommand(['make', jobs, 'libs'], { cwd: folder });
    await buildCommand(['make', '-C', 'tests', jobs, 'test-runner'], { cwd: folder });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Finds the full name of a test: `0001-multiobj.c` is the test 0001. */
const nameOf = (folder: string, id: string): string =>
  readdirSync(join(folder, 'tests'))
    .find((file) => file.startsWith(`${id}-`))
    ?.replace(/\.\w+$/, '') ?? id;

const testCase = (folder: string, id: string): ConformanceCase => ({
  name: nameOf(folder, id),
  limitMs: 150_000,
  async run(context) {
    const cwd = await context.folder();
    await writeFile(join(cwd, 'test.conf'), `metadata.broker.list=${context.bootstrapServers}\n`);
    const environment = {
      TESTS: id,
      TEST_LEVEL: '1',
      TEST_KAFKA_VERSION: kafkaVersion(),
      RDKAFKA_TEST_CONF: join(cwd, 'test.conf'),
      LD_LIBRARY_PATH: [join(folder, 'src'), join(folder, 'src-cpp')].join(':'),
    };
    const { output, errors } = await context.succeeds([join(folder, 'tests/test-runner'), '-p1'], {
      environment,
      cwd,
    });
    if (new RegExp(`\\| *${id}\\S* *\\| *\\S*SKIPPED`).test(output + errors))
      throw new Skipped('the test skips itself');
  },
});
