import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const reasonCharactersMax = 600;

/** Without colours and the stack. */
const inShort = (message) =>
  stripVTControlCharacters(message)
    .split(/\n\s+at /)[0]
    .replaceAll(/\s+/g, ' ')
    .slice(0, reasonCharactersMax);

/** Writes what a Jest project counted, test by test, so that `npm test` can sum it and the guarantees' test can see what ran. */
export default class SummaryReporter {
  #file;

  constructor(_globalConfig, { file }) {
    this.#file = file;
  }

  onRunComplete(_contexts, results) {
    const tests = results.testResults.flatMap((file) =>
      file.testResults.map(({ fullName, status, failureMessages }) => ({
        file: file.testFilePath,
        name: fullName,
        status,
        ...(failureMessages.length > 0 && { reason: inShort(failureMessages[0]) }),
      })),
    );
    const broken = results.testResults
      .filter((file) => file.testExecError !== undefined)
      .map((file) => file.testFilePath);
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
