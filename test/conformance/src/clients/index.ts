import type { ForeignClient } from '../conformance-case.ts';
import { javaTools } from './java-tools.ts';
import { kafkaPython } from './kafka-python.ts';
import { kafkajs } from './kafkajs.ts';
import { kcat } from './kcat.ts';

export const clients: readonly ForeignClient[] = [kcat, kafkajs, kafkaPython, javaTools];
