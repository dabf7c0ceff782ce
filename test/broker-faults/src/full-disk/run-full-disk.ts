import { rmSync, writeFileSync, mkdtempSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '@millrace/testing/random';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import type { RunOptions } from '../main.ts';
import type { FaultsFound, FaultsRow } from '../report.ts';
import { BrokerOnDisk, type Found } from './broker-on-disk.ts';

const megabytes = 16;
const ballastBytes = 4_000_000;

interface Step {
  readonly what: string;
  readonly take: (broker: BrokerOnDisk, disk: SmallDisk) => Promise<Found>;
}

const ballast = ({ folder }: SmallDisk): string => join(folder, 'ballast');

const steps: readonly Step[] = [
  {
    what: 'the disk is filled',
    async take(broker, disk) {
      writeFileSync(ballast(disk), Buffer.alloc(ballastBytes));
      await broker.start();
      return broker.fill();
    },
  },
  { what: 'it is read and written to while it is full', take: (broker) => broker.usedWhileFull() },
  {
    what: 'it grows under the running broker',
    async take(broker, disk) {
      disk.grow(megabytes + 8);
      return broker.worksAgain();
    },
  },
  { what: 'it is filled again', take: (broker) => broker.fill() },
  { what: 'kill -9, and a start on the full disk', take: (broker) => broker.restartWhileFull() },
  {
    what: 'room is made, and the broker is started',
    async take(broker, disk) {
      await broker.stop();
      rmSync(ballast(disk));
      await broker.start();
      return broker.worksAgain();
    },
  },
];

/**
 * Fills a broker's disk. Nothing acknowledged may be lost, reads must keep working, and with room
 * the broker must accept writes again, by itself or after a restart.
 */
export async function runFullDisk({ seed, print }: RunOptions): Promise<FaultsFound> {
  const disk = mountSmallDisk(megabytes);
  const rows: FaultsRow[] = [];
  const problems: string[] = [];
  const broker = new BrokerOnDisk(join(disk.folder, 'data'), seededRandom(seed));
  try {
    for (const { what, take } of steps) {
      const found = await take(broker, disk);
      print(`${what}: ${found.note}${found.problems.map((problem) => `\n  ${problem}`).join('')}`);
      rows.push({ what, tried: 1, violations: found.problems.length, note: found.note });
      problems.push(...found.problems.map((problem) => `${what}: ${problem}`));
    }
  } finally {
    await broker.stop();
    disk.unmount();
  }
  return {
    rows,
    problems,
  };
}

/** A small file system. It needs Linux and root. */
interface SmallDisk {
  readonly folder: string;
  grow(megabytes: number): void;
  unmount(): void;
}

/**
 * Mounts a file system of this many megabytes. Throws an error with the remedy if it lacks the
 * permission.
 */
function mountSmallDisk(megabytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch (cause) {
    rmdirSync(folder);
    throw new Error(
      'a small disk cannot be mounted: run this on Linux, as root (a container needs the capability SYS_ADMIN)',
      { cause },
    );
  }
  return {
    folder,
    grow: (size) => void execFileSync('mount', ['-o', `remount,size=${size}m`, folder], { stdio: 'pipe' }),
    unmount() {
      execFileSync('umount', ['--lazy', folder], { stdio: 'pipe' });
      rmdirSync(folder);
    },
  };
}
