const engines = ['embedded', 'kafka'] as const;
export type TestEngine = (typeof engines)[number];

/**
 * Returns the engine that the suites run on: the one in `MILLRACE_TEST_ENGINE`, or else the
 * embedded broker. The specs are the same.
 */
export function testEngine(environment: NodeJS.ProcessEnv = process.env): TestEngine {
  const given = environment.MILLRACE_TEST_ENGINE?.trim() || 'embedded';
  const engine = engines.find((name) => name === given);
  if (engine === undefined) throw new Error(`MILLRACE_TEST_ENGINE=${given} must be ${engines.join(' or ')}`);
  return engine;
}
