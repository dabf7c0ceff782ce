/**
 * What the services run with while the sample orders are placed, unless the environment says otherwise: one sample meets a carrier that
 * answers only once its step has timed out, which nobody wants to watch for minutes.
 */
export function sampleSettings(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const given = environment.SAGA_STEP_TIMEOUT_MS?.trim() ?? '';
  return given === '' ? { SAGA_STEP_TIMEOUT_MS: '4000' } : {};
}
