import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { countsText, engineTitles, type Report } from '../../test/conformance/src/report.ts';
import { workspace } from '../workspace.ts';
import { commit, runLogged, writePage, type LongRun } from './long-run.ts';

const page = 'docs/reports/conformance.md';
const json = join(workspace, 'tmp/conformance.json');

/** Runs every foreign client on both engines. */
export const conformance: LongRun = {
  summary:
    'foreign clients on the embedded broker and on Apache Kafka, with their own suites: half an hour; ' +
    `writes ${page}`,
  async main(args) {
    const startedAt = new Date();
    const onCommit = commit();
    rmSync(json, { force: true });
    const command = ['run', '--silent', 'conformance', '--', '--json', json, ...args];
    const { passed, output } = await runLogged('npm', command, join(workspace, 'tmp/conformance.log'));
    process.stdout.write(output);
    const report = JSON.parse(readFileSync(json, 'utf8')) as Report;
    writePage(
      { ...pageOf(report), command: ['npm run verify -- conformance', ...args].join(' ') },
      startedAt,
      onCommit,
    );
    return passed;
  },
};

const pageOf = ({ clients, engines }: Report) => ({
  path: page,
  title: 'Conformance',
  about:
    'Unmodified clients of others run the same cases on the embedded broker and on Apache Kafka. ' +
    'The cases run one after the other on one broker of each engine, with both engines at the same time. ' +
    'A case that fails on both shows a limit of the client or of the case; a case that fails only on the ' +
    'embedded broker shows a fault of ours. The run writes this page.',
  columns: ['client', 'what it is', 'version', ...engines.map(({ engine }) => engineTitles[engine])],
  rows: clients.map(({ name, title, version = 'not available' }) => [
    name,
    title,
    version,
    ...engines.map(({ results }) => countsText(results.filter(({ client }) => client === name))),
  ]),
  closing: engines.flatMap(({ engine, version, results }) => [
    `${engineTitles[engine]} ${version}: ${countsText(results)}`,
    ...results
      .filter(({ outcome }) => outcome !== 'passed')
      .map(({ client, name, outcome, reason }) => `${outcome}: ${client}: ${name}: ${reason}`),
  ]),
});
