/** What tests import from `@jest/globals`: the functions of the framework that runs the present file. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { ModuleMocker } = require('jest-mock');
const { ModernFakeTimers } = require('@jest/fake-timers');

let framework;

export function useFramework(ofFile) {
  framework = ofFile;
}

/** A module that several test files share imports the function once, and calls the one of the present file. */
const ofPresentFile = (name) =>
  new Proxy(() => undefined, {
    apply: (_target, self, values) => Reflect.apply(framework[name], self, values),
    get: (_target, property) => framework[name][property],
  });

export const afterAll = ofPresentFile('afterAll');
export const afterEach = ofPresentFile('afterEach');
export const beforeAll = ofPresentFile('beforeAll');
export const beforeEach = ofPresentFile('beforeEach');
export const describe = ofPresentFile('describe');
export const expect = ofPresentFile('expect');
export const it = ofPresentFile('it');

const mocker = new ModuleMocker(globalThis);
const timers = new ModernFakeTimers({ config: { fakeTimers: {} }, global: globalThis });

/** The part of Jest's object that our tests use. */
export const jest = {
  fn: mocker.fn.bind(mocker),
  spyOn: mocker.spyOn.bind(mocker),
  restoreAllMocks: () => mocker.restoreAllMocks(),
  useFakeTimers: (options) => timers.useFakeTimers(options),
  useRealTimers: () => timers.useRealTimers(),
  setTimeout: (milliseconds) => void (globalThis[Symbol.for('TEST_TIMEOUT_SYMBOL')] = milliseconds),
  advanceTimersByTimeAsync: (milliseconds) => timers.advanceTimersByTimeAsync(milliseconds),
};
