/** The topology cannot be built. The message names the operator and says what to change. */
export class TopologyError extends Error {
  override readonly name = 'TopologyError';
}
