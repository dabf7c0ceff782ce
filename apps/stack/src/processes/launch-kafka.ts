import { combinedNode, KafkaNode, newClusterId } from '@millrace/embedded-kafka';
import { connectAdmin } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { orAborted } from '../stop-request.ts';
import type { BoundedLog } from './bounded-log.ts';
import type { ProcessRegister } from './process-register.ts';
import type { Launch } from './supervise.ts';

export interface KafkaProcess {
  readonly jars: string;
  readonly dataFolder: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly log: BoundedLog;
  readonly register: ProcessRegister;
}

const host = '127.0.0.1';
const heapMegabytesMax = 512;

/** Launches one node of Apache Kafka on loopback, with broker and controller in one process. */
export function launchKafka({ jars, dataFolder, port, controllerPort, log, register }: KafkaProcess): Launch {
  const node = new KafkaNode({
    name: 'broker',
    jars,
    folder: dataFolder,
    clusterId: newClusterId(),
    settings: combinedNode({ nodeId: 1, host, port, controllerPort }),
    heapMegabytesMax,
    bootstrapServer: `${host}:${port}`,
    log,
  });
  return async (signal) => {
    signal.throwIfAborted();
    await node.launch();
    const { pid } = node;
    if (pid !== undefined) register.add('broker', pid);
    const ended = node.ended.finally(() => pid !== undefined && register.remove(pid));
    try {
      await orAborted(node.ready(), signal);
      const { answer, close } = askKafka(`${host}:${port}`);
      return {
        pid: pid as number,
        ended: ended.finally(() => void close()),
        answer,
        kill: () => void node.kill(),
        stop: () => node.stop(),
      };
    } catch (error) {
      await node.kill(); // it has ended, or it hangs
      await ended;
      throw new Error(`the broker did not start: ${lastWords(error)}`, { cause: error });
    }
  };
}

function askKafka(bootstrapServer: string) {
  const admin = connectAdmin({
    bootstrapServers: [bootstrapServer],
    clientId: 'millrace-stack',
    logger: silentLogger,
  });
  return {
    async answer() {
      if (!(await admin.ping())) throw new Error('Apache Kafka does not answer');
    },
    close: () => admin.close(),
  };
}

/** Returns the first line in which a Java program names an error. The rest is in its log. */
function lastWords(error: unknown): string {
  const lines = (error as Error).message.split('\n');
  return lines.find((line) => /\b(ERROR|FATAL|Exception|Error)\b/.test(line))?.trim() ?? lines[0] ?? '';
}
