/** Jest's `testEnvironment` for tests that run in Node itself, without a VM context. */
export default class NodeEnvironment {
  /** Jest changes its console and its `process.exit` here. Node's own stay as they are. */
  global = {};
  #variables = {};

  getVmContext = () => null;

  setup() {
    this.#variables = { ...process.env };
    Error.prepareStackTrace = undefined; // Jest has set one that does not know our source maps
    process.setSourceMapsEnabled(true);
  }

  /** A test file may set variables of the environment for its own tests. */
  teardown() {
    for (const name of Object.keys(process.env)) if (!(name in this.#variables)) delete process.env[name];
    Object.assign(process.env, this.#variables);
  }
}
