import type { ForeignClient } from '../conformance-case.ts';
import { javaTools } from './java-tools.ts';
import { kafkaPython } from './kafka-python.ts';
import { kafkaStreams } from './kafka-streams.ts';
import { kafkajs } from './kafkajs.ts';
import { kcat } from './kcat.ts';
import { platformatic } from './platformatic.ts';

export const clients: readonly ForeignClient[] = [kcat, kafkajs, platformatic, kafkaPython, javaTools, kafkaStreams];
