import { removeImages } from './images.ts';

export default async function teardown(): Promise<void> {
  const engine = globalThis.millraceEngine;
  if (engine === undefined) return;
  await removeImages(engine).finally(() => engine.stop());
}
