import { provideEngine, type Engine } from './engine.ts';
import { buildImages, removeImages } from './images.ts';

declare global {
  var millraceEngine: Engine | undefined;
}

/**
 * Runs before the project's tests: provides an engine and every image of docker-compose.yml. The
 * tests find both through the environment.
 */
export default async function setup(): Promise<void> {
  const print = (line: string) => void process.stderr.write(`containers: ${line}\n`);
  const engine = await provideEngine(process.env, print);
  globalThis.millraceEngine = engine;
  process.env.MILLRACE_TEST_CONTAINERS = JSON.stringify({
    environment: engine.environment,
    compose: engine.compose,
  });
  const startedAt = performance.now();
  try {
    await buildImages(engine);
  } catch (error) {
    await removeImages(engine).finally(() => engine.stop());
    throw error;
  }
  print(`images built in ${Math.round((performance.now() - startedAt) / 1000)} s`);
}
