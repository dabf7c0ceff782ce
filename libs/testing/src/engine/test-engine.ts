const engines = ['embedded', 'kafka'] as const;
export type TestEngine = (typeof engines)[number];

/** Which log the suites run on: `MILLRACE_TEST_ENGINE`, the embedded broker where nothing is said. The specs are the same. */
export function testEngine(environment: NodeJS.ProcessEnv = process.env): TestEngine {
  const given = environment.MILLRACE_TEST_ENGINE?.trim() || 'embedded';
  const engine = engines.find((name) => name === given);
  if (engine === undefined) throw new Error(`MILLRACE_TEST_ENGINE=${given} must be ${engines.join(' or ')}`);
  return engine;
}
