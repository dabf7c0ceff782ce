import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes what a Jest project counted, test by test, so that `npm test` can sum it and the guarantees' test can see what ran. */
export default class SummaryReporter {
  #file;

  constructor(_globalConfig, { file }) {
    this.#file = file;
  }

  onRunComplete(_contexts, results) {
    const tests = results.testResults.flatMap((file) =>
      file.testResults.map(({ fullName, status }) => ({ file: file.testFilePath, name: fullName, status })),
    );
    const broken = results.testResults.filter((file) => file.testExecError !== undefined).map((file) => file.testFilePath);
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(
      this.#file,
      JSON.stringify({
        passed: results.numPassedTests,
        failed: results.numFailedTests,
        skipped: results.numPendingTests + results.numTodoTests,
        broken,
        minutes: (Date.now() - results.startTime) / 60_000,
        tests,
      }),
    );
  }
}
