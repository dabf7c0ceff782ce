/**
 * Returns settings for the services while the sample orders are placed. In one sample the carrier
 * answers only once its step has timed out, so the step timeout is shortened unless the environment
 * sets it.
 */
export function sampleSettings(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const given = environment.SAGA_STEP_TIMEOUT_MS?.trim() ?? '';
  return given === '' ? { SAGA_STEP_TIMEOUT_MS: '4000' } : {};
}
