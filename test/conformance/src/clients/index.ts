import type { ForeignClient } from '../conformance-case.ts';
import { franzGo } from './franz-go.ts';
import { javaTools } from './java-tools.ts';
import { kafkaConnect } from './kafka-connect.ts';
import { kafkaPython } from './kafka-python.ts';
import { kafkaStreams } from './kafka-streams.ts';
import { kafkajs } from './kafkajs.ts';
import { kcat } from './kcat.ts';
import { librdkafka } from './librdkafka.ts';
import { mirrorMaker } from './mirror-maker.ts';
import { platformatic } from './platformatic.ts';

export const clients: readonly ForeignClient[] = [
  kcat,
  kafkajs,
  platformatic,
  kafkaPython,
  javaTools,
  kafkaStreams,
  kafkaConnect,
  mirrorMaker,
  franzGo,
  librdkafka,
];
