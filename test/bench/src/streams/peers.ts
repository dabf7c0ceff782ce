import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileJava, installKafka, javaArguments } from '@millrace/embedded-kafka';
import { build } from 'esbuild';
import { commitIntervalMs, type RunPlace, type Workload } from './workloads.ts';

export const peerNames = ['Kafka Streams', 'ours'] as const;
export type PeerName = (typeof peerNames)[number];
export type Command = readonly [program: string, ...args: string[]];

export type CommandOf = (workload: Workload, place: RunPlace) => Command;

/** The largest heap of the JVM. */
export const heapMegabytesMax = 1_024;

/** Kafka Streams with its defaults, RocksDB included, and the JVM's own choice of flags. */
export async function javaCommands(print: (line: string) => void): Promise<CommandOf> {
  const jars = await installKafka({ print });
  const classes = await compileJava({ sources: join(import.meta.dirname, 'java'), jars, print });
  return ({ name, guarantee }, { bootstrapServer, applicationId, output, stateDir }) => {
    const settings = {
      'application.id': applicationId,
      'bootstrap.servers': bootstrapServer,
      'state.dir': stateDir,
      'processing.guarantee': guarantee,
      'commit.interval.ms': commitIntervalMs,
    };
    const given = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
    const args = [name, output, ...given];
    const command = { jars, classes, mainClass: 'StreamsBench', args, heapMegabytesMax };
    return [...javaArguments({ ...command, javaFlags: [], diesWithParent: true }, 'WARN')];
  };
}

const workspace = join(import.meta.dirname, '../../../..');
const source = join(import.meta.dirname, 'streams-run.program.ts');
const program = join(workspace, 'test/bench/dist/streams-run.js');

/**
 * The semi-space is the one that `npm start` gives stream applications (apps/stack/src/service-programs.ts). Without
 * limits, V8 lets garbage grow by what the machine could hold, and ours takes up to 370 MB. The live objects are 50 to
 * 100 MB.
 */
export const ourFlags = ['--max-semi-space-size=16', '--max-old-space-size=320'] as const;

/** Our program in one file, as the applications of this workspace are built. */
export async function ourCommands(): Promise<CommandOf> {
  const { dependencies } = JSON.parse(await readFile(join(workspace, 'package.json'), 'utf8')) as {
    readonly dependencies: object;
  };
  await build({
    bundle: true,
    conditions: ['@millrace/source'],
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    entryPoints: [source],
    outfile: program,
    external: Object.keys(dependencies),
    sourcemap: 'linked',
    logLevel: 'warning',
  });
  return (workload, place) => [process.execPath, ...ourFlags, program, given(workload, place)];
}

const given = ({ name, guarantee }: Workload, place: RunPlace): string =>
  JSON.stringify({ name, guarantee, ...place });
