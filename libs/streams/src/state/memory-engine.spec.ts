import { MemoryEngine } from './memory-engine.ts';
import { storeEngineSuite } from './store-engine.suite.ts';

storeEngineSuite('memory', () => new MemoryEngine());
