import { seededRandom } from '@millrace/testing/random';
import type { RunOptions } from '../main.ts';
import type { FaultsReport, FaultsRow } from '../report.ts';
import { runOnFailingDisk, type DiskFault } from './failing-run.ts';

type Series = Omit<DiskFault, 'nth'>;

const series: readonly Series[] = (['write', 'sync', 'make', 'rename'] as const).flatMap((kind) => [
  { code: 'EIO', kind, lasting: false } as const,
  { code: 'ENOSPC', kind, lasting: false } as const,
  { code: 'ENOSPC', kind, lasting: true } as const,
]);
const quick = { runsEach: 2, untilMs: 14_000 };

const inWords = ({ code, kind, lasting }: Series): string => `${code} at the n-th ${kind}${lasting ? ' and all later ones' : ''}`;

/** EIO and ENOSPC at the n-th call of each kind: each n, or in CI a few of them from the seed. */
export async function runFailingDisk({ quick: isQuick, seed, print }: RunOptions): Promise<FaultsReport> {
  const startedAt = performance.now();
  const random = seededRandom(seed);
  const rows: FaultsRow[] = [];
  const problems: string[] = [];
  for (const each of series) {
    const found: string[] = [];
    let tried = 0;
    for (let nth = 0; ; nth += 1) {
      if (isQuick && (tried >= quick.runsEach || performance.now() > startedAt + quick.untilMs)) break;
      const run = await runOnFailingDisk({ ...each, nth: isQuick ? Math.floor(random() ** 2 * 60) : nth }, random);
      if (run.failedAt === undefined && !isQuick) break;
      tried += 1;
      found.push(...run.problems.map((problem) => `${inWords(each)}, ${nth}, the ${run.failedAt ?? 'last'}: ${problem}`));
    }
    rows.push({ what: inWords(each), tried, violations: found.length, note: '' });
    print(`${inWords(each)}: ${tried} tried${found.map((one) => `\n  ${one}`).join('')}`);
    problems.push(...found);
  }
  return { run: 'failing-disk', seed, seconds: Math.round((performance.now() - startedAt) / 1_000), rows, problems };
}
