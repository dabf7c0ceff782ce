/**
 * `npm run program -- tools/ci/check-alert-rules.ts` checks the configuration and the queries of the
 * dashboards with promtool and plays each alert, which must fire and clear.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dashboardQueries, withoutVariables } from '../../test/architecture/src/dashboards.ts';
import { workspace } from '../workspace.ts';
import { promtool } from '../install/promtool.ts';

const folder = join(workspace, 'deploy/prometheus');
const runs = [
  ['check', 'config', 'prometheus.yml'],
  ['test', 'rules', 'rules.test.yml'],
];

/** The alerts of `rules.yml` that have no case in `rules.test.yml` in which they fire and clear. */
function untested(): readonly string[] {
  const names = [...readFileSync(join(folder, 'rules.yml'), 'utf8').matchAll(/- alert: (\w+)/g)].map(
    ([, name = '']) => name,
  );
  const cases = readFileSync(join(folder, 'rules.test.yml'), 'utf8').split(/^ {2}- name: /m);
  return names.filter(
    (name) =>
      !cases.some(
        (text) => text.startsWith(`${name}\n`) && /exp_labels/.test(text) && /exp_alerts: \[\]/.test(text),
      ),
  );
}

function run(program: string, args: readonly string[]): void {
  if (spawnSync(program, [...args], { cwd: folder, stdio: 'inherit' }).status !== 0)
    throw new Error(`promtool ${args.join(' ')} failed`);
}

/** Promtool parses each query of a dashboard as a rule of its own, whose name says where it stands. */
function checkDashboards(program: string): void {
  const rules = dashboardQueries().map(({ place, expression }, index) => ({
    alert: `${place.replaceAll(/\W+/g, '_')}_${index}`,
    expr: withoutVariables(expression),
  }));
  const temporary = mkdtempSync(join(tmpdir(), 'millrace-dashboards-'));
  try {
    const file = join(temporary, 'dashboards.json');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboards', rules }] }));
    run(program, ['check', 'rules', file]);
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

try {
  const program = await promtool();
  for (const args of runs) run(program, args);
  checkDashboards(program);
  const missing = untested();
  if (missing.length > 0)
    throw new Error(`rules.test.yml does not show that these alerts fire and clear: ${missing.join(', ')}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
